"""Products in eight bits, which are chosen only by name."""
from _assay import unknown as _unknown

ALL_FP8_EXPERTS_FUNCTIONS = {}


def __getattr__(name):
    return _unknown(f"{name} of eight-bit products")
