"""Functions that layers share."""
import collections.abc
from itertools import repeat

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.init import trunc_normal_

trunc_normal_tf_ = trunc_normal_


def variance_scaling_(tensor, scale=1.0, mode="fan_in", distribution="normal"):
    tensor.data.normal_()


def lecun_normal_(tensor):
    variance_scaling_(tensor)


def to_ntuple(n):
    def parse(x):
        if isinstance(x, collections.abc.Iterable) and not isinstance(x, str):
            return tuple(x)
        return tuple(repeat(x, n))

    return parse


to_1tuple, to_2tuple, to_3tuple, to_4tuple = to_ntuple(1), to_ntuple(2), to_ntuple(3), to_ntuple(4)
_ntuple = to_ntuple


def make_divisible(v, divisor=8, min_value=None, round_limit=0.9):
    min_value = min_value or divisor
    new_v = max(min_value, int(v + divisor / 2) // divisor * divisor)
    return new_v + divisor if new_v < round_limit * v else new_v


def get_padding(kernel_size, stride=1, dilation=1, **kwargs):
    return ((stride - 1) + dilation * (kernel_size - 1)) // 2


def use_fused_attn(experimental=False):
    return True


def _assert(condition, message):
    assert condition, message


def named_apply(fn, module, name="", depth_first=True, include_root=False):
    if not depth_first and include_root:
        fn(module=module, name=name)
    for child_name, child in module.named_children():
        full = ".".join((name, child_name)) if name else child_name
        named_apply(fn=fn, module=child, name=full, depth_first=depth_first, include_root=True)
    if depth_first and include_root:
        fn(module=module, name=name)
    return module


_layers = {
    "relu": nn.ReLU, "gelu": nn.GELU, "silu": nn.SiLU, "swish": nn.SiLU, "mish": nn.Mish, "relu6": nn.ReLU6, "leaky_relu": nn.LeakyReLU,
    "elu": nn.ELU, "prelu": nn.PReLU, "celu": nn.CELU, "selu": nn.SELU, "sigmoid": nn.Sigmoid, "tanh": nn.Tanh,
    "hard_sigmoid": nn.Hardsigmoid, "hard_swish": nn.Hardswish,
}


def get_act_layer(name="relu"):
    return _layers[name] if isinstance(name, str) else name


def get_act_fn(name="relu"):
    return getattr(F, {"swish": "silu", "hard_sigmoid": "hardsigmoid", "hard_swish": "hardswish"}.get(name, name)) if isinstance(name, str) else name


def get_norm_layer(norm_layer):
    from .norm import LayerNorm, LayerNorm2d, RmsNorm

    known = {"batchnorm": nn.BatchNorm2d, "batchnorm2d": nn.BatchNorm2d, "groupnorm": nn.GroupNorm, "layernorm": LayerNorm, "layernorm2d": LayerNorm2d, "rmsnorm": RmsNorm}
    return known[norm_layer.lower().replace("_", "")] if isinstance(norm_layer, str) else norm_layer


def resample_abs_pos_embed(posemb, new_size, old_size=None, num_prefix_tokens=1, interpolation="bicubic", antialias=True, verbose=False):
    length = posemb.shape[1]
    if length == new_size[0] * new_size[1] + num_prefix_tokens and new_size[0] == new_size[1]:
        return posemb
    side = int((length - num_prefix_tokens) ** 0.5)
    old_size = (side, side) if old_size is None else old_size
    prefix, grid = posemb[:, :num_prefix_tokens], posemb[:, num_prefix_tokens:]
    grid = grid.reshape(1, old_size[0], old_size[1], -1).permute(0, 3, 1, 2).float()
    grid = F.interpolate(grid, size=new_size, mode=interpolation, antialias=antialias)
    return torch.cat([prefix, grid.permute(0, 2, 3, 1).reshape(1, -1, posemb.shape[-1]).to(posemb.dtype)], dim=1)
