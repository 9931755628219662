"""Renamed keyword arguments."""
from functools import wraps


def deprecate_kwarg(old_name, version, new_name=None, **kwargs):
    """The old name is taken for the new one; nobody is told."""

    def decorate(func):
        @wraps(func)
        def renamed(*args, **kwargs):
            if old_name in kwargs and new_name is not None:
                value = kwargs.pop(old_name)
                kwargs.setdefault(new_name, value)
            return func(*args, **kwargs)

        return renamed

    return decorate
