"""Parameters and buffers: tensors that a module keeps."""

from torch._native import Buffer, Parameter, UninitializedBuffer, UninitializedParameter


def is_lazy(param):
    return isinstance(param, (UninitializedParameter, UninitializedBuffer))
