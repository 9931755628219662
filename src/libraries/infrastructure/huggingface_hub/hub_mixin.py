"""Part of the hub's client."""
from _assay import unknown as _unknown
from . import ModelHubMixin, PyTorchModelHubMixin


def __getattr__(name):
    return _unknown(f"huggingface_hub.hub_mixin.{name}")
