"""Files beside modules; which modules a folder holds is not known."""
from importlib import import_module as _import
from os import path as _path

from _assay import unknown as _unknown


def get_data(package, resource):
    module = _import(package)
    where = getattr(module, "__file__", None)
    if where is None:
        return None
    with open(_path.join(_path.dirname(where), *resource.split("/")), "rb") as file:
        return file.read()


def resolve_name(name):
    module, _, attributes = name.partition(":")
    found = _import(module)
    for attribute in attributes.split(".") if attributes else ():
        found = getattr(found, attribute)
    return found


def extend_path(path, name):
    return path


def __getattr__(name):
    return _unknown(f"pkgutil.{name} is not interpreted")
