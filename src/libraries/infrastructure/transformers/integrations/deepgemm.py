"""A back end that is chosen only by name."""
from _assay import unknown as _unknown


def deepgemm_bf16_experts_forward(*args, **kwargs):
    return _unknown("the back end deepgemm")


def __getattr__(name):
    return _unknown(f"{name} of the back end deepgemm")
