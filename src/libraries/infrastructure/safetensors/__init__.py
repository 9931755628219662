"""Weight files, which are not read."""
from _assay import unknown as _unknown


class SafetensorError(Exception):
    pass


def safe_open(filename, framework="pt", device="cpu"):
    return _unknown(f"the weights in {filename}")


def __getattr__(name):
    return _unknown(f"safetensors.{name}")
