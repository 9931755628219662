"""Limits of number types, and how types meet."""
import torch
from torch._modes import result_type as _result_type

# dtype: bits, eps, max, tiny (the smallest normal number), resolution
_floats = {
    torch.float64: (64, 2.220446049250313e-16, 1.7976931348623157e308, 2.2250738585072014e-308, 1e-15),
    torch.float32: (32, 1.1920928955078125e-07, 3.4028234663852886e38, 1.1754943508222875e-38, 1e-06),
    torch.float16: (16, 0.0009765625, 65504.0, 6.103515625e-05, 0.001),
    torch.bfloat16: (16, 0.0078125, 3.3895313892515355e38, 1.1754943508222875e-38, 0.01),
    torch.float8_e4m3fn: (8, 0.125, 448.0, 0.015625, 1.0),
    torch.float8_e5m2: (8, 0.25, 57344.0, 6.103515625e-05, 1.0),
}
_ints = {torch.int64: 64, torch.int32: 32, torch.int16: 16, torch.int8: 8}


class finfo:
    def __init__(self, type=None):
        dtype = torch.get_default_dtype() if type is None else type
        if dtype == torch.complex64:
            dtype = torch.float32
        if dtype == torch.complex128:
            dtype = torch.float64
        if dtype not in _floats:
            raise TypeError(f"torch.finfo() requires a floating point input type. Use torch.iinfo to handle '{dtype}'")
        self.bits, self.eps, self.max, self.tiny, self.resolution = _floats[dtype]
        self.min = -self.max
        self.smallest_normal = self.tiny
        self.dtype = str(dtype).split(".")[1]


class iinfo:
    def __init__(self, type):
        if type == torch.uint8:
            self.bits, self.min, self.max = 8, 0, 255
        elif type in _ints:
            self.bits = _ints[type]
            self.max = 2 ** (self.bits - 1) - 1
            self.min = -(2 ** (self.bits - 1))
        else:
            raise TypeError("torch.iinfo() requires an integer input type. Use torch.finfo to handle 'torch.finfo'")
        self.dtype = str(type).split(".")[1]


def is_tensor(obj):
    return isinstance(obj, torch.Tensor)


def is_storage(obj):
    return False


def typename(obj):
    return obj.type() if isinstance(obj, torch.Tensor) else type(obj).__module__ + "." + type(obj).__qualname__


def result_type(tensor1, tensor2):
    return _result_type(tensor1, tensor2)


def promote_types(type1, type2):
    return _result_type(torch.empty(1, dtype=type1), torch.empty(1, dtype=type2))


def can_cast(from_, to):
    if from_.is_complex and not to.is_complex:
        return False
    if from_.is_floating_point and not (to.is_floating_point or to.is_complex):
        return False
    return not (from_ != torch.bool and to == torch.bool)
