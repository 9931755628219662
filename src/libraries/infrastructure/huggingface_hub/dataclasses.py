"""Dataclasses that check their values: the values are taken as they are."""
from dataclasses import MISSING, field, fields


def strict(cls=None, *, accept_kwargs=False):
    """With `accept_kwargs` the class takes any keyword, and hands those that are no fields to `__post_init__`."""

    def decorate(cls):
        if accept_kwargs:
            cls.__init__ = _open_init
            if not hasattr(cls, "__post_init__"):
                cls.__post_init__ = _keep
        cls.validate = _valid
        return cls

    return decorate if cls is None else decorate(cls)


def _open_init(self, **kwargs):
    for one in fields(self):
        if one.name in kwargs:
            setattr(self, one.name, kwargs.pop(one.name))
        elif one.default is not MISSING:
            setattr(self, one.name, one.default)
        elif one.default_factory is not MISSING:
            setattr(self, one.name, one.default_factory())
        else:
            raise TypeError(f"Missing required field - '{one.name}'")
    self.__post_init__(**kwargs)


def _keep(self, **kwargs):
    for name, value in kwargs.items():
        setattr(self, name, value)


def _valid(self):
    pass


def validated_field(validator, default=MISSING, default_factory=MISSING, **kwargs):
    return field(default=default, default_factory=default_factory, **kwargs)


def as_validated_field(validator):
    def make(default=MISSING, default_factory=MISSING, **kwargs):
        return field(default=default, default_factory=default_factory, **kwargs)

    return make


def validate_typed_dict(schema, data):
    pass
