"""Classes that are mostly fields."""
from _dataclasses import assign as _assign
from _dataclasses import bind as _bind
from collections import OrderedDict as _OrderedDict


class _Missing:
    def __repr__(self):
        return "MISSING"


MISSING = _Missing()


class _KeywordOnly:
    pass


KW_ONLY = _KeywordOnly()


class FrozenInstanceError(AttributeError):
    pass


class InitVar:
    def __init__(self, type):
        self.type = type

    def __class_getitem__(cls, type):
        return InitVar(type)


class Field:
    def __init__(self, default, default_factory, init, repr, hash, compare, metadata, kw_only):
        self.name = None
        self.type = None
        self.default = default
        self.default_factory = default_factory
        self.init = init
        self.repr = repr
        self.hash = hash
        self.compare = compare
        self.metadata = metadata if metadata is not None else {}
        self.kw_only = kw_only
        self._kind = "field"

    def __repr__(self):
        return f"Field(name={self.name!r},type={self.type!r},default={self.default!r},init={self.init!r})"


def field(*, default=MISSING, default_factory=MISSING, init=True, repr=True, hash=None, compare=True, metadata=None, kw_only=MISSING):
    if default is not MISSING and default_factory is not MISSING:
        raise ValueError("cannot specify both default and default_factory")
    return Field(default, default_factory, init, repr, hash, compare, metadata, kw_only)


def _is_class_var(hint):
    if isinstance(hint, str):
        return hint.startswith(("ClassVar", "typing.ClassVar", "t.ClassVar"))
    return getattr(hint, "_name", None) == "ClassVar"


def _is_init_var(hint):
    if isinstance(hint, str):
        return hint.startswith(("InitVar", "dataclasses.InitVar"))
    return hint is InitVar or type(hint) is InitVar


def _own_fields(cls, kw_only):
    made = []
    for name, hint in cls.__dict__.get("__annotations__", {}).items():
        if hint is KW_ONLY or (isinstance(hint, str) and hint in ("KW_ONLY", "dataclasses.KW_ONLY", "_: KW_ONLY")):
            kw_only = True
            continue
        default = cls.__dict__.get(name, MISSING)
        if isinstance(default, Field):
            one = default
            if one.default is MISSING:
                delattr(cls, name)
            else:
                setattr(cls, name, one.default)
        else:
            if default is not MISSING and type(default).__hash__ is None and not _is_class_var(hint):
                raise ValueError(f"mutable default {type(default)} for field {name} is not allowed: use default_factory")
            one = field(default=default)
        one.name = name
        one.type = hint
        if _is_class_var(hint):
            one._kind = "class"
        elif _is_init_var(hint):
            one._kind = "init"
        if one.kw_only is MISSING:
            one.kw_only = kw_only
        made.append(one)
    return made


def _initializer(cls, all_fields):
    taken = [one for one in all_fields if one._kind != "class" and one.init]
    positional = [one for one in taken if not one.kw_only]
    keyword = [one for one in taken if one.kw_only]
    seen_default = None
    for one in positional:
        if one.default is not MISSING or one.default_factory is not MISSING:
            seen_default = one
        elif seen_default is not None:
            raise TypeError(f"non-default argument {one.name!r} follows default argument {seen_default.name!r}")
    names = tuple([one.name for one in positional])
    plan = tuple(
        [(one.name, bool(one.init), one.default, one.default_factory) for one in all_fields if one._kind != "class"]
    )
    kept = tuple([one.name for one in all_fields if one._kind == "field"])
    init_only = [one.name for one in all_fields if one._kind == "init"]
    post = hasattr(cls, "__post_init__")
    frozen = bool(cls.__dataclass_params__.frozen)
    title = cls.__qualname__

    def __init__(self, *args, **kwargs):
        values = _bind(title, names, plan, MISSING, args, kwargs)
        _assign(self, kept, values, frozen)
        if post:
            self.__post_init__(*[values[name] for name in init_only])

    __init__._dataclass_parameters = [(one.name, one.type, one.default, one.default_factory, bool(one.kw_only)) for one in positional + keyword]
    return __init__


def _representation(self):
    cls = type(self)
    shown = ", ".join(f"{one.name}={getattr(self, one.name)!r}" for one in fields(self) if one.repr)
    return f"{cls.__qualname__}({shown})"


def _compared(self):
    return tuple([getattr(self, one.name) for one in fields(self) if one.compare])


def _equal(self, other):
    if other.__class__ is self.__class__:
        return _compared(self) == _compared(other)
    return NotImplemented


def _order(compare):
    def method(self, other):
        if other.__class__ is self.__class__:
            return compare(_compared(self), _compared(other))
        return NotImplemented

    return method


def _hash(self):
    return hash(tuple([getattr(self, one.name) for one in fields(self) if (one.compare if one.hash is None else one.hash)]))


def _no_setting(self, name, value):
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _no_deleting(self, name):
    raise FrozenInstanceError(f"cannot delete field {name!r}")


class _Parameters:
    def __init__(self, **options):
        self.__dict__.update(options)


def _processed(cls, init, repr, eq, order, unsafe_hash, frozen, match_args, kw_only, slots, weakref_slot):
    collected = _OrderedDict()
    for base in reversed(cls.__mro__[1:]):
        for name, one in base.__dict__.get("__dataclass_fields__", {}).items():
            collected[name] = one
    for one in _own_fields(cls, kw_only):
        collected[one.name] = one
    all_fields = list(collected.values())
    cls.__dataclass_fields__ = dict(collected)
    cls.__dataclass_params__ = _Parameters(init=init, repr=repr, eq=eq, order=order, unsafe_hash=unsafe_hash, frozen=frozen)
    own = cls.__dict__
    own_hash = own.get("__hash__", MISSING)
    has_hash = own_hash is not MISSING and not (own_hash is None and "__eq__" in own)
    if init:
        cls.__init__ = _initializer(cls, all_fields)
    if repr and "__repr__" not in own:
        cls.__repr__ = _representation
    if eq and "__eq__" not in own:
        cls.__eq__ = _equal
    if order:
        cls.__lt__ = _order(lambda a, b: a < b)
        cls.__le__ = _order(lambda a, b: a <= b)
        cls.__gt__ = _order(lambda a, b: a > b)
        cls.__ge__ = _order(lambda a, b: a >= b)
    if unsafe_hash or (eq and frozen and not has_hash):
        cls.__hash__ = _hash
    elif eq and not has_hash:
        cls.__hash__ = None
    if frozen:
        cls.__setattr__ = _no_setting
        cls.__delattr__ = _no_deleting
    if match_args and "__match_args__" not in own:
        cls.__match_args__ = tuple([one.name for one in all_fields if one._kind != "class" and one.init and not one.kw_only])
    return cls


def dataclass(cls=None, /, *, init=True, repr=True, eq=True, order=False, unsafe_hash=False, frozen=False, match_args=True, kw_only=False, slots=False, weakref_slot=False):
    def decorate(one):
        return _processed(one, init, repr, eq, order, unsafe_hash, frozen, match_args, kw_only, slots, weakref_slot)

    return decorate if cls is None else decorate(cls)


def fields(class_or_instance):
    found = getattr(class_or_instance, "__dataclass_fields__", None)
    if found is None:
        raise TypeError("must be called with a dataclass type or instance")
    return tuple([one for one in found.values() if one._kind == "field"])


def is_dataclass(obj):
    return hasattr(obj if isinstance(obj, type) else type(obj), "__dataclass_fields__")


def _plain(value, dict_factory):
    if is_dataclass(value) and not isinstance(value, type):
        return dict_factory([(one.name, _plain(getattr(value, one.name), dict_factory)) for one in fields(value)])
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*[_plain(item, dict_factory) for item in value])
    if isinstance(value, (list, tuple)):
        return type(value)([_plain(item, dict_factory) for item in value])
    if isinstance(value, dict):
        return type(value)([(_plain(key, dict_factory), _plain(item, dict_factory)) for key, item in value.items()])
    import copy

    return copy.deepcopy(value)


def asdict(obj, *, dict_factory=dict):
    if not is_dataclass(obj) or isinstance(obj, type):
        raise TypeError("asdict() should be called on dataclass instances")
    return _plain(obj, dict_factory)


def astuple(obj, *, tuple_factory=tuple):
    def plain(value):
        if is_dataclass(value) and not isinstance(value, type):
            return tuple_factory([plain(getattr(value, one.name)) for one in fields(value)])
        if isinstance(value, (list, tuple)):
            return type(value)([plain(item) for item in value])
        return value

    return plain(obj)


def replace(obj, /, **changes):
    for one in obj.__dataclass_fields__.values():
        if one._kind == "class":
            continue
        if not one.init:
            if one.name in changes:
                raise ValueError(f"field {one.name} is declared with init=False, it cannot be specified with replace()")
            continue
        if one.name not in changes:
            if one._kind == "init" and one.default is MISSING:
                raise ValueError(f"InitVar {one.name!r} must be specified with replace()")
            changes[one.name] = getattr(obj, one.name)
    return obj.__class__(**changes)


def make_dataclass(cls_name, fields, *, bases=(), namespace=None, module=None, **options):
    names = dict(namespace or {})
    hints = {}
    for item in fields:
        if isinstance(item, str):
            hints[item] = object
        elif len(item) == 2:
            hints[item[0]] = item[1]
        else:
            hints[item[0]] = item[1]
            names[item[0]] = item[2]
    names["__annotations__"] = hints
    if module is not None:
        names["__module__"] = module
    return dataclass(type(cls_name, bases, names), **options)
