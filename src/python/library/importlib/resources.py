"""Files inside packages, read beside their modules."""
from importlib import import_module as _import
from os import path as _path
from pathlib import Path as _Path

from _assay import unknown as _unknown


def files(anchor):
    module = _import(anchor) if isinstance(anchor, str) else anchor
    where = getattr(module, "__file__", None)
    return _unknown("the files of a package") if where is None else _Path(_path.dirname(where))


def open_text(package, resource, *args, **kwargs):
    return files(package).joinpath(resource).open()


def open_binary(package, resource):
    return files(package).joinpath(resource).open("rb")


def read_text(package, resource, *args, **kwargs):
    return open_text(package, resource).read()


def read_binary(package, resource):
    return open_binary(package, resource).read()


def __getattr__(name):
    return _unknown(f"importlib.resources.{name} is not interpreted")
