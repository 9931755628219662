"""Initial values. No value is known here: what stays is the tensor, marked as changed, and what PyTorch refuses."""

import math

from torch._native import touch

gains = {
    "linear": 1.0,
    "conv1d": 1.0,
    "conv2d": 1.0,
    "conv3d": 1.0,
    "conv_transpose1d": 1.0,
    "conv_transpose2d": 1.0,
    "conv_transpose3d": 1.0,
    "sigmoid": 1.0,
    "tanh": 5.0 / 3,
    "relu": math.sqrt(2.0),
    "selu": 0.75,
}


def calculate_gain(nonlinearity, param=None):
    if nonlinearity == "leaky_relu":
        slope = 0.01 if param is None else param
        if isinstance(slope, bool) or not isinstance(slope, (int, float)):
            raise ValueError(f"negative_slope {param} not a valid number")
        return math.sqrt(2.0 / (1 + slope**2))
    if nonlinearity not in gains:
        raise ValueError(f"Unsupported nonlinearity {nonlinearity}")
    return 1 if gains[nonlinearity] == 1.0 else gains[nonlinearity]


def _calculate_fan_in_and_fan_out(tensor):
    if tensor.dim() < 2:
        raise ValueError("Fan in and fan out can not be computed for tensor with fewer than 2 dimensions")
    field = 1
    for size in tensor.shape[2:]:
        field = field * size
    return tensor.size(1) * field, tensor.size(0) * field


def _calculate_correct_fan(tensor, mode):
    mode = mode.lower()
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"Mode {mode} not supported, please use one of ['fan_in', 'fan_out']")
    fan_in, fan_out = _calculate_fan_in_and_fan_out(tensor)
    return fan_in if mode == "fan_in" else fan_out


def uniform_(tensor, a=0.0, b=1.0, generator=None):
    return touch(tensor)


def normal_(tensor, mean=0.0, std=1.0, generator=None):
    return touch(tensor)


def trunc_normal_(tensor, mean=0.0, std=1.0, a=-2.0, b=2.0, generator=None):
    return touch(tensor)


def constant_(tensor, val):
    return touch(tensor)


def ones_(tensor):
    return touch(tensor)


def zeros_(tensor):
    return touch(tensor)


def eye_(tensor):
    if tensor.dim() != 2:
        raise ValueError("Only tensors with 2 dimensions are supported")
    return touch(tensor)


def dirac_(tensor, groups=1):
    if tensor.dim() not in (3, 4, 5):
        raise ValueError("Only tensors with 3, 4, or 5 dimensions are supported")
    if tensor.size(0) % groups != 0:
        raise ValueError("dim 0 must be divisible by groups")
    return touch(tensor)


def xavier_uniform_(tensor, gain=1.0, generator=None):
    need_two_axes(tensor)
    return touch(tensor)


def xavier_normal_(tensor, gain=1.0, generator=None):
    need_two_axes(tensor)
    return touch(tensor)


def kaiming_uniform_(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu", generator=None):
    need_two_axes(tensor)
    return touch(tensor)


def kaiming_normal_(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu", generator=None):
    need_two_axes(tensor)
    return touch(tensor)


def need_two_axes(tensor):
    if tensor.dim() < 2 and 0 not in tensor.shape:
        raise ValueError("Fan in and fan out can not be computed for tensor with fewer than 2 dimensions")


def orthogonal_(tensor, gain=1, generator=None):
    if tensor.dim() < 2:
        raise ValueError("Only tensors with 2 or more dimensions are supported")
    return touch(tensor)


def sparse_(tensor, sparsity, std=0.01, generator=None):
    if tensor.dim() != 2:
        raise ValueError("Only tensors with 2 dimensions are supported")
    return touch(tensor)


def _no_grad_uniform_(tensor, a, b, generator=None):
    return touch(tensor)


def _no_grad_normal_(tensor, mean, std, generator=None):
    return touch(tensor)


def _no_grad_trunc_normal_(tensor, mean, std, a, b, generator=None):
    return touch(tensor)


def _no_grad_fill_(tensor, val):
    return touch(tensor)


def _no_grad_zero_(tensor):
    return touch(tensor)


# The names before the underscore came into use.
uniform = uniform_
normal = normal_
constant = constant_
eye = eye_
dirac = dirac_
xavier_uniform = xavier_uniform_
xavier_normal = xavier_normal_
kaiming_uniform = kaiming_uniform_
kaiming_normal = kaiming_normal_
orthogonal = orthogonal_
sparse = sparse_
