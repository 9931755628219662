"""Part of the hub's client."""
from _assay import unknown as _unknown
from .errors import *


def __getattr__(name):
    return _unknown(f"huggingface_hub.utils.{name}")
