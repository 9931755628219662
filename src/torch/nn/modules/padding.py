"""Padding around the last one, two or three axes."""

from .. import functional as F
from .module import Module
from .utils import _ntuple, _pair, _quadruple

_sextuple = _ntuple(6, "_sextuple")


class _ConstantPadNd(Module):
    __constants__ = ["padding", "value"]
    sides = staticmethod(_pair)

    def __init__(self, padding, value):
        super().__init__()
        self.padding = self.sides(padding)
        self.value = value

    def forward(self, input):
        return F.pad(input, self.padding, "constant", self.value)

    def extra_repr(self):
        return f"padding={self.padding}, value={self.value}"


class ConstantPad1d(_ConstantPadNd):
    pass


class ConstantPad2d(_ConstantPadNd):
    sides = staticmethod(_quadruple)


class ConstantPad3d(_ConstantPadNd):
    sides = staticmethod(_sextuple)


class ZeroPad1d(ConstantPad1d):
    def __init__(self, padding):
        super().__init__(padding, 0.0)

    def extra_repr(self):
        return f"{self.padding}"


class ZeroPad2d(ConstantPad2d):
    def __init__(self, padding):
        super().__init__(padding, 0.0)

    def extra_repr(self):
        return f"{self.padding}"


class ZeroPad3d(ConstantPad3d):
    def __init__(self, padding):
        super().__init__(padding, 0.0)

    def extra_repr(self):
        return f"{self.padding}"


class _PaddedByMode(Module):
    __constants__ = ["padding"]
    mode = "reflect"
    sides = staticmethod(_pair)

    def __init__(self, padding):
        super().__init__()
        self.padding = self.sides(padding)

    def forward(self, input):
        return F.pad(input, self.padding, self.mode)

    def extra_repr(self):
        return f"{self.padding}"


class _ReflectionPadNd(_PaddedByMode):
    pass


class ReflectionPad1d(_ReflectionPadNd):
    pass


class ReflectionPad2d(_ReflectionPadNd):
    sides = staticmethod(_quadruple)


class ReflectionPad3d(_ReflectionPadNd):
    sides = staticmethod(_sextuple)


class _ReplicationPadNd(_PaddedByMode):
    mode = "replicate"


class ReplicationPad1d(_ReplicationPadNd):
    pass


class ReplicationPad2d(_ReplicationPadNd):
    sides = staticmethod(_quadruple)


class ReplicationPad3d(_ReplicationPadNd):
    sides = staticmethod(_sextuple)


class _CircularPadNd(_PaddedByMode):
    mode = "circular"
    axes = 1

    def _check_input_dim(self, input):
        if input.dim() not in (self.axes + 1, self.axes + 2):
            raise ValueError(f"expected {self.axes + 1}D or {self.axes + 2}D input (got {input.dim()}D input)")

    def forward(self, input):
        self._check_input_dim(input)
        return F.pad(input, self.padding, self.mode)


class CircularPad1d(_CircularPadNd):
    pass


class CircularPad2d(_CircularPadNd):
    axes = 2
    sides = staticmethod(_quadruple)


class CircularPad3d(_CircularPadNd):
    axes = 3
    sides = staticmethod(_sextuple)
