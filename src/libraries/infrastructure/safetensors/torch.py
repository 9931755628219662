"""Weight files of PyTorch's tensors."""
from _assay import unknown as _unknown


def load_file(filename, device="cpu"):
    return _unknown(f"the weights in {filename}")


def load(data):
    return _unknown("weights in bytes")


def save_file(tensors, filename, metadata=None):
    pass


def __getattr__(name):
    return _unknown(f"safetensors.torch.{name}")
