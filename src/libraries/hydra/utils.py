"""Objects named in a configuration."""
import functools
import importlib


def get_class(path):
    module, _, name = path.rpartition(".")
    return getattr(importlib.import_module(module), name)


get_method = get_object = get_class


def instantiate(config, *args, **kwargs):
    if config is None:
        return None
    given = {key: value for key, value in config.items()}
    given.update(kwargs)
    target = given.pop("_target_")
    recursive = given.pop("_recursive_", True)
    partial = given.pop("_partial_", False)
    given.pop("_convert_", None)
    if recursive:
        given = {key: instantiate(value) if hasattr(value, "items") and "_target_" in value else value for key, value in given.items()}
    cls = get_class(target) if isinstance(target, str) else target
    return functools.partial(cls, *args, **given) if partial else cls(*args, **given)


call = instantiate


def to_absolute_path(path):
    return path


def get_original_cwd():
    return "."
