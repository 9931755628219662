"""attrs: classes of fields, made as dataclasses are."""

NOTHING = object()


class Factory:
    def __init__(self, factory, takes_self=False):
        self.factory, self.takes_self = factory, takes_self


class _Attribute:
    def __init__(self, default, validator, converter, init, kw_only, alias, on_setattr=None):
        self.name, self.type = None, None
        self.default, self.validator, self.converter, self.init, self.kw_only, self.alias = default, validator, converter, init, kw_only, alias


def ib(default=NOTHING, validator=None, repr=True, eq=None, order=None, hash=None, init=True, metadata=None, type=None,
       converter=None, factory=None, kw_only=False, on_setattr=None, alias=None, cmp=None):
    return _Attribute(Factory(factory) if factory is not None else default, validator, converter, init, kw_only, alias)


attrib = field = ib


def _fields_of(cls, auto_attribs):
    found = {}
    for base in reversed(cls.__mro__[1:]):
        for one in getattr(base, "__attrs_attrs__", ()):
            found[one.name] = one
    hints = cls.__dict__.get("__annotations__", {})
    own = {name: value for name, value in cls.__dict__.items() if isinstance(value, _Attribute)}
    if auto_attribs or (auto_attribs is None and all(name in hints for name in own)):
        for name in hints:
            if "ClassVar" not in str(hints[name]) and name not in own:
                own[name] = ib(default=cls.__dict__.get(name, NOTHING))
        own = {name: own[name] for name in [*[n for n in hints if n in own], *[n for n in own if n not in hints]]}
    for name, one in own.items():
        one.name, one.type = name, hints.get(name)
        found[name] = one
    return tuple(found.values()), own


def s(maybe_cls=None, auto_attribs=False, init=True, repr=True, frozen=False, slots=False, kw_only=False, **kwargs):
    def made(cls):
        fields, own = _fields_of(cls, auto_attribs)
        for name in own:
            if name in cls.__dict__:
                delattr(cls, name)
        cls.__attrs_attrs__ = fields

        def __init__(self, *args, **given):
            if hasattr(cls, "__attrs_pre_init__"):
                self.__attrs_pre_init__()
            places = [one for one in fields if one.init and not (one.kw_only or kw_only)]
            if len(args) > len(places):
                raise TypeError("__init__() takes %d positional arguments but %d were given" % (len(places) + 1, len(args) + 1))
            given = {**{_argument(one): value for one, value in zip(places, args)}, **given}
            for one in fields:
                name = _argument(one)
                if name in given and one.init:
                    value = given.pop(name)
                elif isinstance(one.default, Factory):
                    value = one.default.factory(self) if one.default.takes_self else one.default.factory()
                elif one.default is not NOTHING:
                    value = one.default
                elif one.init:
                    raise TypeError("__init__() missing 1 required argument: '" + name + "'")
                else:
                    continue
                if one.converter is not None:
                    value = one.converter(value)
                object.__setattr__(self, one.name, value)
            if given:
                raise TypeError("__init__() got an unexpected keyword argument '" + next(iter(given)) + "'")
            if hasattr(cls, "__attrs_post_init__"):
                self.__attrs_post_init__()

        if init:
            cls.__init__ = __init__
        else:
            cls.__attrs_init__ = __init__
        if repr and "__repr__" not in cls.__dict__:
            cls.__repr__ = lambda self: cls.__name__ + "(" + ", ".join("%s=%r" % (one.name, getattr(self, one.name)) for one in fields) + ")"
        if "__eq__" not in cls.__dict__:
            cls.__eq__ = lambda self, other: type(self) is type(other) and astuple(self) == astuple(other)
            cls.__hash__ = lambda self: id(self)
        return cls

    return made if maybe_cls is None else made(maybe_cls)


def _argument(one):
    return one.alias or one.name.lstrip("_")


attributes = attrs = s


def define(maybe_cls=None, auto_attribs=None, **kwargs):
    return s(maybe_cls, auto_attribs=auto_attribs, **kwargs)


mutable = define
dataclass = lambda maybe_cls=None, **kwargs: s(maybe_cls, auto_attribs=True, **kwargs)


def frozen(maybe_cls=None, **kwargs):
    return define(maybe_cls, frozen=True, **kwargs)


def fields(cls):
    return cls.__attrs_attrs__


def has(cls):
    return hasattr(cls, "__attrs_attrs__")


def asdict(inst, recurse=True, filter=None, **kwargs):
    return {
        one.name: asdict(value) if recurse and has(type(value)) else value
        for one in inst.__attrs_attrs__
        for value in [getattr(inst, one.name)]
        if filter is None or filter(one, value)
    }


def astuple(inst, **kwargs):
    return tuple(getattr(inst, one.name) for one in inst.__attrs_attrs__)


def evolve(inst, **changes):
    return type(inst)(**{**{_argument(one): getattr(inst, one.name) for one in inst.__attrs_attrs__ if one.init}, **changes})


class validators:
    @staticmethod
    def _passes(*args, **kwargs):
        return lambda inst, attribute, value: None

    instance_of = in_ = optional = and_ = gt = ge = lt = le = deep_iterable = deep_mapping = is_callable = _passes


class converters:
    @staticmethod
    def optional(converter):
        return lambda value: None if value is None else converter(value)

    @staticmethod
    def default_if_none(default=None, factory=None):
        return lambda value: (factory() if factory else default) if value is None else value
