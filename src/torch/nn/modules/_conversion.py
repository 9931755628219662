"""The part of Module that moves and converts its tensors: `to`, `half`, `cuda`, `to_empty` …"""

import torch
from torch._native import Tensor


class Conversion:
    def _apply(self, fn, recurse=True):
        """Replaces the data of every parameter and buffer; the Parameter objects stay, so that ties last."""
        if recurse:
            for module in self.children():
                module._apply(fn)
        with torch.no_grad():
            for param in self._parameters.values():
                if param is not None:
                    param.data = fn(param)
                    if param.grad is not None:
                        param.grad = fn(param.grad)
            for name, buffer in self._buffers.items():
                if buffer is not None:
                    self._buffers[name] = fn(buffer)
        return self

    def to(self, *args, **kwargs):
        device, dtype, memory_format = parse_to(*args, **kwargs)
        if dtype is not None and not (dtype.is_floating_point or dtype.is_complex):
            raise TypeError(
                f"nn.Module.to only accepts floating point or complex dtypes, but got desired dtype={dtype}"
            )

        def convert(tensor):
            wanted = dtype if tensor.is_floating_point() or tensor.is_complex() else None
            if wanted is None:
                return tensor if device is None else tensor.to(device)
            return tensor.to(wanted) if device is None else tensor.to(device, wanted)

        return self if device is None and dtype is None else self._apply(convert)

    def cuda(self, device=None):
        return self._apply(lambda tensor: tensor.cuda(device))

    def xpu(self, device=None):
        return self._apply(lambda tensor: tensor.to("xpu"))

    def ipu(self, device=None):
        return self._apply(lambda tensor: tensor.to("ipu"))

    def mtia(self, device=None):
        return self._apply(lambda tensor: tensor.to("mtia"))

    def cpu(self):
        return self._apply(lambda tensor: tensor.cpu())

    def type(self, dst_type):
        return self._apply(lambda tensor: tensor.type(dst_type))

    def float(self):
        return self._apply(lambda tensor: tensor.float() if tensor.is_floating_point() else tensor)

    def double(self):
        return self._apply(lambda tensor: tensor.double() if tensor.is_floating_point() else tensor)

    def half(self):
        return self._apply(lambda tensor: tensor.half() if tensor.is_floating_point() else tensor)

    def bfloat16(self):
        return self._apply(lambda tensor: tensor.bfloat16() if tensor.is_floating_point() else tensor)

    def to_empty(self, *, device, recurse=True):
        return self._apply(lambda tensor: torch.empty_like(tensor, device=device), recurse=recurse)

    def share_memory(self):
        return self._apply(lambda tensor: tensor.share_memory_())


def parse_to(*args, device=None, dtype=None, tensor=None, non_blocking=False, copy=False, memory_format=None):
    """`to(device, dtype)`, `to(dtype)` and `to(tensor)`: the device and dtype wanted, each None where it stays."""
    for value in args:
        if isinstance(value, Tensor):
            tensor = value
        elif isinstance(value, torch.dtype):
            dtype = value
        elif value is not None and not isinstance(value, bool) and device is None:
            device = value
    if tensor is not None:
        device, dtype = tensor.device, tensor.dtype
    return device, dtype, memory_format
