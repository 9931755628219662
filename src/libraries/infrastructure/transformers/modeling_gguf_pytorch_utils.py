"""Checkpoints in GGUF form, which are not read."""
from _assay import unknown as _unknown


def load_gguf_checkpoint(gguf_checkpoint_path, **kwargs):
    return _unknown(f"the checkpoint {gguf_checkpoint_path}")


def __getattr__(name):
    return _unknown(f"{name} of GGUF checkpoints")
