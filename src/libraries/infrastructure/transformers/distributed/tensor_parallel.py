"""Distributed work that is not in use."""
from _assay import unknown as _unknown


def verify_tp_plan(*args, **kwargs):
    pass


def __getattr__(name):
    return _unknown(f"{name} of distributed work")
