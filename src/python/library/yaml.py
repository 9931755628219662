"""YAML texts are not read."""
from _assay import unknown as _unknown


class YAMLError(Exception):
    pass


class SafeLoader:
    pass


Loader = FullLoader = UnsafeLoader = SafeLoader


def load(*args, **kwargs):
    return _unknown("what a YAML text says")


safe_load = full_load = unsafe_load = safe_load_all = load


def dump(*args, **kwargs):
    return _unknown("a YAML text")


safe_dump = dump
