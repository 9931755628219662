"""Copies of objects, shallow and deep."""


class Error(Exception):
    pass


error = Error

_shared = (
    type(None), bool, int, float, complex, str, bytes, type, range, slice, property,
    type(len), type(lambda: None), type(Ellipsis), type(NotImplemented), type(Error),
)


def copy(x):
    cls = type(x)
    if cls in (list, dict, set):
        return x.copy()
    if cls is tuple or cls is frozenset or isinstance(x, type) or cls in _shared:
        return x
    method = getattr(cls, "__copy__", None)
    if method is not None:
        return method(x)
    return _rebuilt(x, lambda value: value)


def deepcopy(x, memo=None, _nil=[]):
    if memo is None:
        memo = {}
    key = id(x)
    cls = type(x)
    if cls in _shared or isinstance(x, type):
        return x
    if key in memo:
        return memo[key]
    if cls is list:
        made = []
        memo[key] = made
        for value in x:
            made.append(deepcopy(value, memo))
        return made
    if cls is dict:
        made = {}
        memo[key] = made
        for name, value in x.items():
            made[deepcopy(name, memo)] = deepcopy(value, memo)
        return made
    if cls is tuple:
        made = tuple([deepcopy(value, memo) for value in x])
        if key in memo:
            return memo[key]
        same = True
        for old, new in zip(x, made):
            if old is not new:
                same = False
        made = x if same else made
        memo[key] = made
        return made
    if cls is set:
        made = {deepcopy(value, memo) for value in x}
        memo[key] = made
        return made
    method = getattr(x, "__deepcopy__", None)
    if method is not None:
        made = method(memo)
        memo[key] = made
        return made
    return _rebuilt(x, lambda value: deepcopy(value, memo), memo)


def _rebuilt(x, part, memo=None):
    """A bare instance of the same class with the parts put back."""
    cls = type(x)
    if cls.__name__ in ("module", "method", "generator", "iterator", "staticmethod", "classmethod", "cell", "code"):
        return x
    reduce = getattr(cls, "__reduce__", None)
    if reduce is not None and reduce is not object.__reduce__:
        func, args = x.__reduce__()[:2]
        made = func(*[part(value) for value in args])
        if memo is not None:
            memo[id(x)] = made
    elif isinstance(x, tuple):
        made = tuple.__new__(cls, [part(value) for value in x])
    elif isinstance(x, frozenset):
        made = frozenset.__new__(cls, [part(value) for value in x])
    elif isinstance(x, str):
        made = str.__new__(cls, str.__str__(x))
    elif isinstance(x, int):
        made = int.__new__(cls, int.__int__(x))
    elif isinstance(x, float):
        made = float.__new__(cls, float.__float__(x))
    else:
        made = cls.__new__(cls)
    if memo is not None:
        memo[id(x)] = made
    if isinstance(x, dict):
        for name, value in dict.items(x):
            dict.__setitem__(made, part(name), part(value))
    elif isinstance(x, list):
        for value in list.__iter__(x):
            list.append(made, part(value))
    elif isinstance(x, set):
        for value in set.__iter__(x):
            set.add(made, part(value))
    elif isinstance(x, BaseException):
        made.args = part(x.args)
    getstate = getattr(cls, "__getstate__", None)
    if getstate is not None and getstate is not object.__getstate__:
        state = part(x.__getstate__())
    else:
        state = {name: part(value) for name, value in getattr(x, "__dict__", {}).items()}
    setstate = getattr(cls, "__setstate__", None)
    if setstate is not None and not isinstance(x, BaseException):
        setstate(made, state)
    elif state:
        made.__dict__.update(state)
    return made


def replace(obj, /, **changes):
    return obj.__replace__(**changes)
