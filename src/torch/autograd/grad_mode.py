"""Switching gradients on and off, as context managers and as decorators."""
import functools

from torch._modes import set_grad_enabled as _set


class _GradMode:
    mode = False

    def __new__(cls, *args, **kwargs):
        # `@no_grad` without parentheses decorates at once.
        if len(args) == 1 and callable(args[0]):
            return _decorated(cls(), args[0])
        return object.__new__(cls)

    def __call__(self, func):
        return _decorated(self, func)

    def __enter__(self):
        self.before = _set(self.mode)
        return self

    def __exit__(self, *args):
        _set(self.before)
        return False

    def clone(self):
        return type(self)()


def _decorated(mode, func):
    if isinstance(func, type):
        init = func.__init__
        func.__init__ = _decorated(mode, init)
        return func

    @functools.wraps(func)
    def wrapper(*args, **kwargs):
        before = _set(mode.mode)
        try:
            return func(*args, **kwargs)
        finally:
            _set(before)

    return wrapper


class no_grad(_GradMode):
    mode = False


class enable_grad(_GradMode):
    mode = True


class inference_mode(_GradMode):
    def __init__(self, mode=True):
        self.mode = not mode if isinstance(mode, bool) else False

    def __enter__(self):
        self.before = _set(False) if not self.mode else None
        return self

    def __exit__(self, *args):
        if self.before is not None:
            _set(self.before)
        return False


class set_grad_enabled(_GradMode):
    def __init__(self, mode):
        self.mode = mode
        self.before = _set(mode)

    def __call__(self, func):
        _set(self.before)
        return _decorated(self, func)

    def __enter__(self):
        _set(self.mode)
        return self
