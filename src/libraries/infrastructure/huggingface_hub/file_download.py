"""Part of the hub's client."""
from _assay import unknown as _unknown
from . import hf_hub_download


def __getattr__(name):
    return _unknown(f"huggingface_hub.file_download.{name}")
