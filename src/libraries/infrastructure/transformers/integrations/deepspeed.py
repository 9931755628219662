"""DeepSpeed: not in use."""
from _assay import installed as _installed, unknown as _unknown


def is_deepspeed_available():
    return _installed("deepspeed")


def is_deepspeed_zero3_enabled():
    return False


def deepspeed_config():
    return None


def __getattr__(name):
    return _unknown(f"{name} of DeepSpeed")
