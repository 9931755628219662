"""Enumerations."""


class auto:
    """A value that the enumeration chooses."""

    def __init__(self, value=None):
        self.value = value


class nonmember:
    def __init__(self, value):
        self.value = value


class member:
    def __init__(self, value):
        self.value = value


property = property


def _is_descriptor(value):
    kind = type(value)
    return hasattr(kind, "__get__") or hasattr(kind, "__set__")


def _is_member(name, value, namespace):
    if isinstance(value, member):
        return True
    if name.startswith("__") or name in namespace.get("_ignore_", ()) or name in ("_ignore_", "_generate_next_value_", "_missing_"):
        return False
    if isinstance(value, (nonmember, type)) or _is_descriptor(value):
        return False
    return not (name.startswith("_") and name.endswith("_"))


def _value_type(bases):
    """The built-in or other class that gives the members their values, where one is mixed in."""
    for base in bases:
        for one in base.__mro__:
            if one is object or isinstance(one, EnumType):
                continue
            if "__new__" in one.__dict__ or one.__module__ == "builtins":
                return one
    return object


class EnumType(type):
    def __new__(metacls, name, bases, namespace, **kwargs):
        members = {}
        for key, value in list(namespace.items()):
            if _is_member(key, value, namespace):
                members[key] = value.value if isinstance(value, member) else value
                del namespace[key]
            elif isinstance(value, nonmember):
                namespace[key] = value.value
        for base in bases:
            if isinstance(base, EnumType) and base._member_map_ and members:
                raise TypeError(f"<enum {name!r}> cannot extend <enum {base.__name__!r}>")
        # The first enumeration finds members by value with its own `__new__`; those below make members with theirs.
        below = any([isinstance(base, EnumType) for base in bases])
        own_new = namespace.pop("__new__", None) if below else None
        cls = super().__new__(metacls, name, bases, namespace)
        cls._member_map_ = {}
        cls._value2member_map_ = {}
        cls._member_names_ = []
        mixed = _value_type(bases)
        cls._member_type_ = mixed
        maker = own_new if own_new is not None else getattr(cls, "_new_member_", None)
        cls._new_member_ = staticmethod(maker) if maker is not None else None
        for method in ("__str__", "__repr__", "__format__"):
            found = getattr(cls, method, None)
            if method not in namespace and mixed is not object and found is getattr(mixed, method, None):
                first = [base for base in bases if isinstance(base, EnumType)]
                if first:
                    setattr(cls, method, getattr(first[-1], method))
        values = []
        for key, value in members.items():
            value = cls._chosen(key, value, values)
            values.append(value)
            cls._add_member(key, value, maker, mixed)
        return cls

    def _chosen(cls, key, value, values):
        """The member's value with `auto()` filled in."""
        if isinstance(value, auto):
            return cls._generate_next_value_(key, 1, len(values), list(values))
        if isinstance(value, tuple):
            return tuple([cls._generate_next_value_(key, 1, len(values), list(values)) if isinstance(one, auto) else one for one in value])
        return value

    def _add_member(cls, key, value, maker, mixed):
        args = value if isinstance(value, tuple) else (value,)
        if maker is not None:
            made = maker(cls, *args)
        elif mixed is object:
            made = object.__new__(cls)
        else:
            made = mixed.__new__(cls, *args)
        if "_value_" not in made.__dict__:
            made._value_ = value if maker is not None or mixed is object or mixed is tuple else mixed(*args)
        made._name_ = key
        made.__objclass__ = cls
        made._sort_order_ = len(cls._member_names_)
        init = getattr(cls, "__init__", None)
        if init is not None and init is not object.__init__ and init is not getattr(mixed, "__init__", None):
            init(made, *args)
        for other in cls._member_map_.values():
            if other._value_ == made._value_:
                cls._member_map_[key] = other
                type.__setattr__(cls, key, other)
                return
        cls._member_map_[key] = made
        if cls._is_canonical(made):
            cls._member_names_.append(key)
        try:
            cls._value2member_map_[made._value_] = made
        except TypeError:
            pass
        type.__setattr__(cls, key, made)

    def _is_canonical(cls, made):
        if not getattr(cls, "_is_flag_", False):
            return True
        value = made._value_
        return isinstance(value, int) and value > 0 and value & (value - 1) == 0

    def __call__(cls, value, names=None, *, module=None, qualname=None, type=None, start=1, boundary=None):
        if names is None:
            return Enum.__new__(cls, value)
        return cls._created(value, names, module, type, start)

    def _created(cls, name, names, module, mixed, start):
        namespace = {}
        if isinstance(names, str):
            names = names.replace(",", " ").split()
        for i, one in enumerate(names.items() if isinstance(names, dict) else names):
            if isinstance(one, str):
                namespace[one] = start + i
            else:
                namespace[one[0]] = one[1]
        if module is not None:
            namespace["__module__"] = module
        bases = (cls,) if mixed is None else (mixed, cls)
        return EnumType(name, bases, namespace)

    def __iter__(cls):
        return iter([cls._member_map_[name] for name in cls._member_names_])

    def __reversed__(cls):
        return iter([cls._member_map_[name] for name in reversed(cls._member_names_)])

    def __len__(cls):
        return len(cls._member_names_)

    def __bool__(cls):
        return True

    def __getitem__(cls, name):
        return cls._member_map_[name]

    def __contains__(cls, value):
        if isinstance(value, cls):
            return True
        try:
            return value in cls._value2member_map_
        except TypeError:
            return any(one._value_ == value for one in cls)

    @property
    def __members__(cls):
        return dict(cls._member_map_)

    def __setattr__(cls, name, value):
        if name in cls.__dict__.get("_member_map_", {}):
            raise AttributeError(f"cannot reassign member {name!r}")
        type.__setattr__(cls, name, value)

    def __repr__(cls):
        return f"<enum {cls.__name__!r}>"


EnumMeta = EnumType


class Enum(metaclass=EnumType):
    def __new__(cls, value):
        if type(value) is cls:
            return value
        try:
            if value in cls._value2member_map_:
                return cls._value2member_map_[value]
        except TypeError:
            for one in cls._member_map_.values():
                if one._value_ == value:
                    return one
        found = cls._missing_(value)
        if isinstance(found, cls):
            return found
        raise ValueError(f"{value!r} is not a valid {cls.__qualname__}")

    def __init__(self, *args, **kwargs):
        pass

    @staticmethod
    def _generate_next_value_(name, start, count, last_values):
        if not last_values:
            return start
        return max([value for value in last_values if isinstance(value, int)], default=start - 1) + 1

    @classmethod
    def _missing_(cls, value):
        return None

    @property
    def name(self):
        return self._name_

    @property
    def value(self):
        return self._value_

    def __repr__(self):
        return f"<{self.__class__.__name__}.{self._name_}: {self._value_!r}>"

    def __str__(self):
        return f"{self.__class__.__name__}.{self._name_}"

    def __format__(self, spec):
        return format(str(self), spec)

    def __hash__(self):
        return hash(self._name_)

    def __eq__(self, other):
        return True if self is other else NotImplemented

    def __dir__(self):
        return ["name", "value"]

    def __reduce__(self):
        return self.__class__, (self._value_,)

    def __copy__(self):
        return self

    def __deepcopy__(self, memo):
        return self


class ReprEnum(Enum):
    """Only its repr is an enumeration's: its text is the value's."""


class IntEnum(int, ReprEnum):
    def __str__(self):
        return int.__repr__(self)

    def __format__(self, spec):
        return int.__format__(self, spec)

    def __repr__(self):
        return Enum.__repr__(self)

    def __hash__(self):
        return int.__hash__(self)

    def __eq__(self, other):
        return int.__eq__(self, other)


class StrEnum(str, ReprEnum):
    @staticmethod
    def _generate_next_value_(name, start, count, last_values):
        return name.lower()

    def __str__(self):
        return str.__str__(self)

    def __format__(self, spec):
        return str.__format__(self, spec)

    def __repr__(self):
        return Enum.__repr__(self)

    def __hash__(self):
        return str.__hash__(self)

    def __eq__(self, other):
        return str.__eq__(self, other)


class FlagBoundary(StrEnum):
    STRICT = auto()
    CONFORM = auto()
    EJECT = auto()
    KEEP = auto()


STRICT, CONFORM, EJECT, KEEP = FlagBoundary


class Flag(Enum):
    _is_flag_ = True

    @staticmethod
    def _generate_next_value_(name, start, count, last_values):
        if not last_values:
            return start
        return 2 ** max(last_values).bit_length()

    @classmethod
    def _missing_(cls, value):
        if not isinstance(value, int):
            return None
        every = 0
        for one in cls._member_map_.values():
            every |= one._value_
        if value < 0:
            value = every + 1 + value
        if value & ~every:
            raise ValueError(f"{value!r} is not a valid {cls.__qualname__}")
        made = object.__new__(cls) if cls._member_type_ is object else cls._member_type_.__new__(cls, value)
        made._value_ = value
        names = [one._name_ for one in cls if one._value_ & value]
        made._name_ = "|".join(names) or None
        cls._value2member_map_[value] = made
        return made

    def _number(self, other):
        if isinstance(other, self.__class__):
            return other._value_
        return other if isinstance(self, int) and isinstance(other, int) else None

    def __or__(self, other):
        number = self._number(other)
        return NotImplemented if number is None else self.__class__(self._value_ | number)

    def __and__(self, other):
        number = self._number(other)
        return NotImplemented if number is None else self.__class__(self._value_ & number)

    def __xor__(self, other):
        number = self._number(other)
        return NotImplemented if number is None else self.__class__(self._value_ ^ number)

    __ror__ = __or__
    __rand__ = __and__
    __rxor__ = __xor__

    def __invert__(self):
        every = 0
        for one in self.__class__:
            every |= one._value_
        return self.__class__(every & ~self._value_)

    def __contains__(self, other):
        return other._value_ & self._value_ == other._value_

    def __iter__(self):
        return iter([one for one in self.__class__ if one._value_ & self._value_])

    def __len__(self):
        return bin(self._value_).count("1")

    def __bool__(self):
        return bool(self._value_)

    def __repr__(self):
        if self._name_ is None:
            return f"<{self.__class__.__name__}: {self._value_!r}>"
        return f"<{self.__class__.__name__}.{self._name_}: {self._value_!r}>"


class IntFlag(int, Flag):
    def __str__(self):
        return int.__repr__(self)

    def __format__(self, spec):
        return int.__format__(self, spec)

    def __repr__(self):
        return Flag.__repr__(self)

    def __hash__(self):
        return int.__hash__(self)

    def __eq__(self, other):
        return int.__eq__(self, other)

    __or__ = Flag.__or__
    __and__ = Flag.__and__
    __xor__ = Flag.__xor__
    __ror__ = Flag.__or__
    __rand__ = Flag.__and__
    __rxor__ = Flag.__xor__
    __invert__ = Flag.__invert__


def unique(enumeration):
    doubled = [(name, one.name) for name, one in enumeration.__members__.items() if name != one.name]
    if doubled:
        raise ValueError(f"duplicate values found in {enumeration!r}: {', '.join(f'{a} -> {b}' for a, b in doubled)}")
    return enumeration


def verify(*conditions):
    return lambda enumeration: enumeration


UNIQUE, CONTINUOUS, NAMED_FLAGS = "one name per value", "no skipped integer values", "multi-flag aliases may not contain unnamed flags"


def global_enum(cls, update_str=False):
    return cls
