"""Things for `with`."""
from abc import ABC, abstractmethod
from functools import wraps


class AbstractContextManager(ABC):
    def __enter__(self):
        return self

    def __exit__(self, exc_type, exc_value, traceback):
        return None

    @classmethod
    def __subclasshook__(cls, other):
        if cls is AbstractContextManager:
            return True if hasattr(other, "__enter__") and hasattr(other, "__exit__") else NotImplemented
        return NotImplemented


class AbstractAsyncContextManager(ABC):
    pass


class ContextDecorator:
    def _recreate_cm(self):
        return self

    def __call__(self, func):
        @wraps(func)
        def inner(*args, **kwargs):
            with self._recreate_cm():
                return func(*args, **kwargs)

        return inner


AsyncContextDecorator = ContextDecorator


class _GeneratorContextManager(ContextDecorator, AbstractContextManager):
    def __init__(self, func, args, kwargs):
        self.gen = func(*args, **kwargs)
        self.func = func
        self.args = args
        self.kwds = kwargs

    def _recreate_cm(self):
        return self.__class__(self.func, self.args, self.kwds)

    def __enter__(self):
        try:
            return next(self.gen)
        except StopIteration:
            raise RuntimeError("generator didn't yield") from None

    def __exit__(self, exc_type, exc_value, traceback):
        if exc_type is None:
            try:
                next(self.gen)
            except StopIteration:
                return False
            raise RuntimeError("generator didn't stop")
        if exc_value is None:
            exc_value = exc_type()
        try:
            self.gen.throw(exc_value)
        except StopIteration as stop:
            return stop is not exc_value
        except BaseException as error:
            if error is exc_value:
                return False
            raise
        raise RuntimeError("generator didn't stop after throw()")


def contextmanager(func):
    @wraps(func)
    def make(*args, **kwargs):
        return _GeneratorContextManager(func, args, kwargs)

    return make


asynccontextmanager = contextmanager


class nullcontext(AbstractContextManager):
    def __init__(self, enter_result=None):
        self.enter_result = enter_result

    def __enter__(self):
        return self.enter_result


class suppress(AbstractContextManager):
    def __init__(self, *exceptions):
        self._exceptions = exceptions

    def __exit__(self, exc_type, exc_value, traceback):
        return exc_type is not None and issubclass(exc_type, self._exceptions)


class closing(AbstractContextManager):
    def __init__(self, thing):
        self.thing = thing

    def __enter__(self):
        return self.thing

    def __exit__(self, *exc):
        self.thing.close()


class redirect_stdout(AbstractContextManager):
    def __init__(self, new_target):
        self._target = new_target

    def __enter__(self):
        return self._target


redirect_stderr = redirect_stdout


class ExitStack(AbstractContextManager):
    def __init__(self):
        self._callbacks = []

    def push(self, exit):
        leave = getattr(type(exit), "__exit__", None)
        self._callbacks.append(exit if leave is None else lambda *exc: leave(exit, *exc))
        return exit

    def enter_context(self, manager):
        result = manager.__enter__()
        self.push(manager)
        return result

    def callback(self, callback, /, *args, **kwargs):
        self._callbacks.append(lambda *exc: callback(*args, **kwargs) and False)
        return callback

    def pop_all(self):
        other = type(self)()
        other._callbacks = self._callbacks
        self._callbacks = []
        return other

    def close(self):
        self.__exit__(None, None, None)

    def __exit__(self, *exc):
        raised = exc[1]
        suppressed = False
        while self._callbacks:
            leave = self._callbacks.pop()
            try:
                if leave(*exc):
                    suppressed = True
                    raised = None
                    exc = (None, None, None)
            except BaseException as error:
                raised = error
                exc = (type(error), error, None)
        if raised is not None and raised is not exc[1]:
            raise raised
        if raised is not None and not suppressed:
            return False
        return suppressed


AsyncExitStack = ExitStack


@contextmanager
def chdir(path):
    yield
