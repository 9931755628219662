"""Tools on functions."""
from _functools import cached as _cached, copied as _copied, partial

WRAPPER_ASSIGNMENTS = ("__module__", "__name__", "__qualname__", "__doc__", "__annotations__")
WRAPPER_UPDATES = ("__dict__",)


def update_wrapper(wrapper, wrapped, assigned=WRAPPER_ASSIGNMENTS, updated=WRAPPER_UPDATES):
    if assigned is WRAPPER_ASSIGNMENTS and updated is WRAPPER_UPDATES and _copied(wrapper, wrapped):
        return wrapper
    for name in assigned:
        try:
            value = getattr(wrapped, name)
        except AttributeError:
            continue
        setattr(wrapper, name, value)
    for name in updated:
        getattr(wrapper, name).update(getattr(wrapped, name, {}))
    wrapper.__wrapped__ = wrapped
    return wrapper


def wraps(wrapped, assigned=WRAPPER_ASSIGNMENTS, updated=WRAPPER_UPDATES):
    return partial(update_wrapper, wrapped=wrapped, assigned=assigned, updated=updated)


_nothing = object()


def reduce(function, iterable, initial=_nothing):
    items = iter(iterable)
    if initial is _nothing:
        try:
            total = next(items)
        except StopIteration:
            raise TypeError("reduce() of empty iterable with no initial value") from None
    else:
        total = initial
    for item in items:
        total = function(total, item)
    return total


class _CacheInfo:
    def __init__(self, hits, misses, maxsize, currsize):
        self.hits = hits
        self.misses = misses
        self.maxsize = maxsize
        self.currsize = currsize

    def __repr__(self):
        return f"CacheInfo(hits={self.hits}, misses={self.misses}, maxsize={self.maxsize}, currsize={self.currsize})"


def _remembering(func, maxsize):
    made = _cached(func)
    update_wrapper(made, func)
    made.cache_info = lambda: _CacheInfo(*made._counts()[:2], maxsize, made._counts()[2])
    made.cache_parameters = lambda: {"maxsize": maxsize, "typed": False}
    return made


def lru_cache(maxsize=128, typed=False):
    if callable(maxsize):
        return _remembering(maxsize, 128)
    return lambda func: _remembering(func, maxsize)


def cache(func):
    return _remembering(func, None)


class cached_property:
    def __init__(self, func):
        self.func = func
        self.attrname = None
        self.__doc__ = func.__doc__

    def __set_name__(self, owner, name):
        self.attrname = name

    def __get__(self, instance, owner=None):
        if instance is None:
            return self
        value = self.func(instance)
        instance.__dict__[self.attrname] = value
        return value


def total_ordering(cls):
    def less(self, other):
        return self.__lt__(other)

    given = [name for name in ("__lt__", "__le__", "__gt__", "__ge__") if name in vars(cls)]
    if not given:
        raise ValueError("must define at least one ordering operation: < > <= >=")
    root = given[0]
    from_root = {
        "__lt__": {
            "__gt__": lambda self, other: not (self < other) and self != other,
            "__le__": lambda self, other: self < other or self == other,
            "__ge__": lambda self, other: not self < other,
        },
        "__le__": {
            "__ge__": lambda self, other: not (self <= other) or self == other,
            "__lt__": lambda self, other: self <= other and self != other,
            "__gt__": lambda self, other: not self <= other,
        },
        "__gt__": {
            "__lt__": lambda self, other: not (self > other) and self != other,
            "__ge__": lambda self, other: self > other or self == other,
            "__le__": lambda self, other: not self > other,
        },
        "__ge__": {
            "__le__": lambda self, other: not (self >= other) or self == other,
            "__gt__": lambda self, other: self >= other and self != other,
            "__lt__": lambda self, other: not self >= other,
        },
    }
    for name, method in from_root[root].items():
        if name not in vars(cls):
            setattr(cls, name, method)
    return cls


def cmp_to_key(compare):
    class Key:
        __slots__ = ("obj",)

        def __init__(self, obj):
            self.obj = obj

        def __lt__(self, other):
            return compare(self.obj, other.obj) < 0

        def __gt__(self, other):
            return compare(self.obj, other.obj) > 0

        def __eq__(self, other):
            return compare(self.obj, other.obj) == 0

        def __le__(self, other):
            return compare(self.obj, other.obj) <= 0

        def __ge__(self, other):
            return compare(self.obj, other.obj) >= 0

        __hash__ = None

    return Key


class partialmethod:
    def __init__(self, func, /, *args, **keywords):
        self.func = func
        self.args = args
        self.keywords = keywords

    def __get__(self, instance, owner=None):
        get = getattr(self.func, "__get__", None)
        bound = get(instance, owner) if get is not None else self.func
        if instance is None:
            return partial(self.func, *self.args, **self.keywords)
        return partial(bound, *self.args, **self.keywords)


def _best(registry, cls):
    for one in cls.__mro__:
        if one in registry:
            return registry[one]
    for one, func in registry.items():
        if one is not object and issubclass(cls, one):
            return func
    return registry[object]


def singledispatch(func):
    registry = {object: func}

    def dispatch(cls):
        return _best(registry, cls)

    def register(cls, func=None):
        if func is not None:
            registry[cls] = func
            return func
        if isinstance(cls, type):
            return lambda made: register(cls, made)
        hints = getattr(cls, "__annotations__", {})
        for name, hint in hints.items():
            if name != "return":
                registry[hint] = cls
                break
        return cls

    def wrapper(*args, **kwargs):
        return dispatch(type(args[0]))(*args, **kwargs)

    wrapper.register = register
    wrapper.dispatch = dispatch
    wrapper.registry = registry
    return update_wrapper(wrapper, func)


class singledispatchmethod:
    def __init__(self, func):
        self.dispatcher = singledispatch(func)
        self.func = func

    def register(self, cls, method=None):
        return self.dispatcher.register(cls, method)

    def __get__(self, instance, owner=None):
        def method(*args, **kwargs):
            return self.dispatcher.dispatch(type(args[0])).__get__(instance, owner)(*args, **kwargs)

        method.register = self.register
        return method
