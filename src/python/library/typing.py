"""Types as values: everything can be subscripted, joined and compared, and none of it checks anything."""
from abc import ABCMeta as _ABCMeta, abstractmethod as _abstractmethod
import collections
import collections.abc
import contextlib as _contextlib
from types import GenericAlias as _BuiltinAlias, UnionType as _UnionType

TYPE_CHECKING = False


def _name_of(hint):
    if isinstance(hint, type):
        return hint.__qualname__ if hint.__module__ == "builtins" else f"{hint.__module__}.{hint.__qualname__}"
    if hint is ...:
        return "..."
    if isinstance(hint, list):
        return "[" + ", ".join([_name_of(one) for one in hint]) + "]"
    return repr(hint)


class _Form:
    """A name of this module, or one with arguments."""

    def __init__(self, name, origin=None, args=None):
        self._name = name
        self.__origin__ = origin
        self.__module__ = "typing"
        if args is not None:
            self.__args__ = args
            self.__parameters__ = tuple([one for one in args if isinstance(one, TypeVar)])

    def __getitem__(self, args):
        if not isinstance(args, tuple):
            args = (args,)
        if self._name == "Optional":
            return Union[args[0], None]
        if self._name == "Union":
            return _union(args)
        if self._name == "Annotated":
            made = _Form("Annotated", args[0], (args[0],))
            made.__metadata__ = args[1:]
            return made
        if self._name in ("Literal",):
            return _Form("Literal", self, args)
        return _Form(self._name, self if self.__origin__ is None else self.__origin__, tuple([type(None) if one is None else one for one in args]))

    def __call__(self, *args, **kwargs):
        if isinstance(self.__origin__, type):
            return self.__origin__(*args, **kwargs)
        raise TypeError(f"Type {self._name} cannot be instantiated")

    def __mro_entries__(self, bases):
        if isinstance(self.__origin__, type):
            return (self.__origin__,)
        return (Generic,) if self._name in ("Generic", "Protocol") else ()

    def __instancecheck__(self, instance):
        if self._name == "Any":
            return True
        if self._name == "Union" and hasattr(self, "__args__"):
            return isinstance(instance, tuple([one for one in self.__args__ if isinstance(one, (type, _Form))]))
        if isinstance(self.__origin__, type):
            return isinstance(instance, self.__origin__)
        raise TypeError(f"typing.{self._name} cannot be used with isinstance()")

    def __subclasscheck__(self, cls):
        if isinstance(self.__origin__, type):
            return issubclass(cls, self.__origin__)
        raise TypeError(f"typing.{self._name} cannot be used with issubclass()")

    def __or__(self, other):
        return Union[self, other]

    def __ror__(self, other):
        return Union[other, self]

    def __eq__(self, other):
        if not isinstance(other, _Form) or self._name != other._name:
            return NotImplemented
        return getattr(self, "__args__", None) == getattr(other, "__args__", None)

    def __hash__(self):
        return hash(self._name)

    def __repr__(self):
        args = getattr(self, "__args__", None)
        if args is None:
            return f"typing.{self._name}"
        if self._name == "Union" and len(args) == 2 and type(None) in args:
            other = [one for one in args if one is not type(None)][0]
            return f"typing.Optional[{_name_of(other)}]"
        if self._name == "Literal":
            return "typing.Literal[" + ", ".join([repr(one) for one in args]) + "]"
        return f"typing.{self._name}[" + ", ".join([_name_of(one) for one in args]) + "]"


def _union(args):
    flat = []
    for one in args:
        one = type(None) if one is None else one
        inside = one.__args__ if isinstance(one, _UnionType) or (isinstance(one, _Form) and one._name == "Union") else (one,)
        for part in inside:
            if not any(part is known or part == known for known in flat):
                flat.append(part)
    return flat[0] if len(flat) == 1 else _Form("Union", Union, tuple(flat))


Any = _Form("Any")
Union = _Form("Union")
Optional = _Form("Optional")
Literal = _Form("Literal")
LiteralString = _Form("LiteralString")
Annotated = _Form("Annotated")
ClassVar = _Form("ClassVar")
Final = _Form("Final")
Concatenate = _Form("Concatenate")
TypeAlias = _Form("TypeAlias")
TypeGuard = _Form("TypeGuard")
TypeIs = _Form("TypeIs")
NoReturn = _Form("NoReturn")
Never = _Form("Never")
Self = _Form("Self")
Required = _Form("Required")
NotRequired = _Form("NotRequired")
ReadOnly = _Form("ReadOnly")
Unpack = _Form("Unpack")
AnyStr = _Form("AnyStr")

List = _Form("List", list)
Dict = _Form("Dict", dict)
Set = _Form("Set", set)
FrozenSet = _Form("FrozenSet", frozenset)
Tuple = _Form("Tuple", tuple)
Type = _Form("Type", type)
Text = str
OrderedDict = _Form("OrderedDict", collections.OrderedDict)
DefaultDict = _Form("DefaultDict", collections.defaultdict)
Counter = _Form("Counter", collections.Counter)
Deque = _Form("Deque", collections.deque)
ChainMap = _Form("ChainMap", collections.ChainMap)
Pattern = _Form("Pattern")
Match = _Form("Match")
IO = _Form("IO")
TextIO = _Form("TextIO")
BinaryIO = _Form("BinaryIO")
ContextManager = _Form("ContextManager", _contextlib.AbstractContextManager)
AsyncContextManager = _Form("AsyncContextManager", _contextlib.AbstractAsyncContextManager)
Callable = _Form("Callable", collections.abc.Callable)
Iterable = _Form("Iterable", collections.abc.Iterable)
Iterator = _Form("Iterator", collections.abc.Iterator)
Generator = _Form("Generator", collections.abc.Generator)
Sequence = _Form("Sequence", collections.abc.Sequence)
MutableSequence = _Form("MutableSequence", collections.abc.MutableSequence)
Mapping = _Form("Mapping", collections.abc.Mapping)
MutableMapping = _Form("MutableMapping", collections.abc.MutableMapping)
MappingView = _Form("MappingView", collections.abc.MappingView)
KeysView = _Form("KeysView", collections.abc.KeysView)
ValuesView = _Form("ValuesView", collections.abc.ValuesView)
ItemsView = _Form("ItemsView", collections.abc.ItemsView)
AbstractSet = _Form("AbstractSet", collections.abc.Set)
MutableSet = _Form("MutableSet", collections.abc.MutableSet)
Collection = _Form("Collection", collections.abc.Collection)
Container = _Form("Container", collections.abc.Container)
Reversible = _Form("Reversible", collections.abc.Reversible)
Sized = _Form("Sized", collections.abc.Sized)
Hashable = _Form("Hashable", collections.abc.Hashable)
ByteString = _Form("ByteString", collections.abc.ByteString)
Awaitable = _Form("Awaitable", collections.abc.Awaitable)
Coroutine = _Form("Coroutine", collections.abc.Coroutine)
AsyncIterable = _Form("AsyncIterable", collections.abc.AsyncIterable)
AsyncIterator = _Form("AsyncIterator", collections.abc.AsyncIterator)
AsyncGenerator = _Form("AsyncGenerator", collections.abc.AsyncGenerator)


class TypeVar:
    def __init__(self, name, *constraints, bound=None, covariant=False, contravariant=False, default=None, infer_variance=False):
        self.__name__ = name
        self.__bound__ = bound
        self.__constraints__ = constraints
        self.__covariant__ = covariant
        self.__contravariant__ = contravariant

    def __or__(self, other):
        return Union[self, other]

    def __ror__(self, other):
        return Union[other, self]

    def __repr__(self):
        return f"~{self.__name__}"


class TypeVarTuple(TypeVar):
    def __iter__(self):
        yield self


class ParamSpec(TypeVar):
    @property
    def args(self):
        return self

    @property
    def kwargs(self):
        return self


class ForwardRef:
    def __init__(self, arg, is_argument=True, module=None):
        self.__forward_arg__ = arg

    def __repr__(self):
        return f"ForwardRef({self.__forward_arg__!r})"


class Generic:
    def __class_getitem__(cls, args):
        return cls


class _ProtocolMeta(_ABCMeta):
    def __instancecheck__(cls, instance):
        if not cls.__dict__.get("_is_protocol"):
            return super().__instancecheck__(instance)
        return all(hasattr(instance, name) for name in _members_of(cls))

    def __subclasscheck__(cls, other):
        if not cls.__dict__.get("_is_protocol"):
            return super().__subclasscheck__(other)
        return all(hasattr(other, name) for name in _members_of(cls))


def _members_of(cls):
    names = []
    for one in cls.__mro__:
        if one.__dict__.get("_is_protocol"):
            names += [name for name in [*one.__dict__, *one.__dict__.get("__annotations__", {})] if not name.startswith(("__", "_is_", "_abc_")) or name in ("__call__", "__len__", "__getitem__", "__iter__")]
    return names


class Protocol(Generic, metaclass=_ProtocolMeta):
    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        cls._is_protocol = Protocol in cls.__bases__


def runtime_checkable(cls):
    return cls


runtime = runtime_checkable


class SupportsInt(Protocol):
    def __int__(self):
        pass


class SupportsFloat(Protocol):
    def __float__(self):
        pass


class SupportsIndex(Protocol):
    def __index__(self):
        pass


class SupportsAbs(Protocol):
    def __abs__(self):
        pass


class SupportsRound(Protocol):
    def __round__(self):
        pass


def cast(typ, val):
    return val


def overload(func):
    return func


def final(func):
    return func


def override(func):
    return func


def no_type_check(func):
    return func


def dataclass_transform(**kwargs):
    return lambda decorated: decorated


def deprecated(message, **kwargs):
    return lambda decorated: decorated


def assert_type(val, typ):
    return val


def assert_never(arg):
    raise AssertionError(f"Expected code to be unreachable, but got: {arg!r}")


def reveal_type(obj):
    return obj


def get_overloads(func):
    return []


def NewType(name, tp):
    def make(value):
        return value

    make.__name__ = name
    make.__supertype__ = tp
    return make


def TypeAliasType(name, value, *, type_params=()):
    return value


def get_origin(tp):
    if isinstance(tp, _UnionType):
        return _UnionType
    if isinstance(tp, _BuiltinAlias):
        return tp.__origin__
    if isinstance(tp, _Form):
        if tp._name == "Annotated" and hasattr(tp, "__args__"):
            return Annotated
        return tp.__origin__
    return Generic if tp is Generic else None


def get_args(tp):
    if isinstance(tp, _Form) and tp._name == "Annotated" and hasattr(tp, "__args__"):
        return (tp.__origin__, *tp.__metadata__)
    return getattr(tp, "__args__", ()) if isinstance(tp, (_Form, _BuiltinAlias, _UnionType)) else ()


def get_type_hints(obj, globalns=None, localns=None, include_extras=False):
    if isinstance(obj, type):
        hints = {}
        for cls in reversed(obj.__mro__):
            hints.update(cls.__dict__.get("__annotations__", {}))
        return hints
    return dict(getattr(obj, "__annotations__", {}))


def is_typeddict(tp):
    return isinstance(tp, _TypedDictMeta)


class _NamedTupleMeta(type):
    def __new__(metacls, name, bases, namespace):
        hints = namespace.get("__annotations__", {})
        defaults = [namespace[field] for field in hints if field in namespace]
        made = collections.namedtuple(name, list(hints), defaults=defaults, module=namespace.get("__module__"))
        made.__annotations__ = hints
        for key, value in namespace.items():
            if key not in hints and key not in ("__module__", "__qualname__", "__annotations__", "__orig_bases__"):
                setattr(made, key, value)
        made.__qualname__ = namespace.get("__qualname__", name)
        return made


def NamedTuple(typename, fields=None, /, **kwargs):
    pairs = list(fields if fields is not None else kwargs.items())
    made = collections.namedtuple(typename, [name for name, _ in pairs])
    made.__annotations__ = dict(pairs)
    return made


_named_tuple = type.__new__(_NamedTupleMeta, "NamedTuple", (), {})
NamedTuple.__mro_entries__ = lambda bases: (_named_tuple,)


class _TypedDictMeta(type):
    def __new__(metacls, name, bases, namespace, total=True, **kwargs):
        hints = {}
        for base in bases:
            hints.update(getattr(base, "__annotations__", {}))
        hints.update(namespace.get("__annotations__", {}))
        namespace["__annotations__"] = hints
        made = type.__new__(metacls, name, (dict,), namespace)
        made.__total__ = total
        made.__required_keys__ = frozenset(hints if total else ())
        made.__optional_keys__ = frozenset(() if total else hints)
        return made

    def __call__(cls, *args, **kwargs):
        return dict(*args, **kwargs)


_typed_dict = type.__new__(_TypedDictMeta, "TypedDict", (dict,), {})


def TypedDict(typename, fields=None, /, *, total=True, **kwargs):
    return _TypedDictMeta(typename, (), {"__annotations__": dict(fields or kwargs)}, total=total)


TypedDict.__mro_entries__ = lambda bases: (_typed_dict,)
