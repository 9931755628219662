"""Imports by name."""
from _importlib import import_module as _import


def import_module(name, package=None):
    if name.startswith("."):
        dots = len(name) - len(name.lstrip("."))
        parts = package.split(".")
        base = ".".join(parts[: len(parts) - dots + 1])
        name = base + "." + name[dots:] if name[dots:] else base
    return _import(name)


def reload(module):
    return module


def invalidate_caches():
    pass
