"""Configs that build the class they stand in, and the job's, whose values are in a file."""
from dataclasses import dataclass, fields, replace
from typing import ClassVar

from _assay import unknown as _unknown


class Configurable:
    @dataclass(kw_only=True)
    class Config:
        _owner: ClassVar = None

        def build(self, **kwargs):
            if self._owner is None:
                raise NotImplementedError("%s has no owner class." % type(self).__name__)
            twice = {field.name for field in fields(self)} & set(kwargs)
            if twice:
                raise ValueError("build() kwargs %s overlap with config fields." % twice)
            return self._owner(config=replace(self), **kwargs)

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        own = cls.__dict__.get("Config")
        if own is not None and issubclass(own, Configurable.Config):
            own._owner = cls


class JobConfig:
    """Its values come from the training's TOML file."""

    def __getattr__(self, name):
        return _unknown("the job's %s is in a file that is not read here" % name)
