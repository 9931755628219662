"""Objects from files are not known."""
from _assay import unknown as _unknown

HIGHEST_PROTOCOL = 5
DEFAULT_PROTOCOL = 4


class PickleError(Exception):
    pass


class PicklingError(PickleError):
    pass


class UnpicklingError(PickleError):
    pass


class Pickler:
    def __init__(self, *args, **kwargs):
        pass

    def dump(self, obj):
        pass


class Unpickler:
    def __init__(self, *args, **kwargs):
        pass

    def load(self):
        return _unknown("an object read from a file")


def dump(*args, **kwargs):
    pass


def dumps(*args, **kwargs):
    return _unknown("the bytes of an object")


def load(*args, **kwargs):
    return _unknown("an object read from a file")


loads = load
