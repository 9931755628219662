from dataclasses import dataclass

from torch import nn
from torchtitan.protocols.module import Module


class Conv1d(nn.Conv1d, Module):
    @dataclass(kw_only=True)
    class Config(Module.Config):
        in_channels: int
        out_channels: int
        kernel_size: int
        stride: int = 1
        padding: int = 0
        groups: int = 1
        bias: bool = True

    def __init__(self, config):
        super().__init__(config.in_channels, config.out_channels, config.kernel_size, stride=config.stride,
                         padding=config.padding, groups=config.groups, bias=config.bias)


class Conv2d(nn.Conv2d, Module):
    @dataclass(kw_only=True)
    class Config(Module.Config):
        in_channels: int
        out_channels: int
        kernel_size: int
        stride: int = 1
        padding: int = 0
        bias: bool = True

    def __init__(self, config):
        super().__init__(config.in_channels, config.out_channels, config.kernel_size, stride=config.stride,
                         padding=config.padding, bias=config.bias)


class GroupNorm(nn.GroupNorm, Module):
    @dataclass(kw_only=True)
    class Config(Module.Config):
        num_groups: int
        num_channels: int
        eps: float = 1e-5

    def __init__(self, config):
        super().__init__(config.num_groups, config.num_channels, eps=config.eps)


class LayerNorm(nn.LayerNorm, Module):
    @dataclass(kw_only=True)
    class Config(Module.Config):
        normalized_shape: int
        eps: float = 1e-5
        elementwise_affine: bool = True

    def __init__(self, config):
        super().__init__(config.normalized_shape, eps=config.eps, elementwise_affine=config.elementwise_affine)


class RMSNorm(nn.RMSNorm, Module):
    @dataclass(kw_only=True)
    class Config(Module.Config):
        normalized_shape: int
        eps: float = 1e-5
        elementwise_affine: bool = True

    def __init__(self, config):
        super().__init__(config.normalized_shape, eps=config.eps, elementwise_affine=config.elementwise_affine)


class GELU(nn.GELU, Module):
    @dataclass(kw_only=True)
    class Config(Module.Config):
        approximate: str = "none"

    def __init__(self, config):
        super().__init__(approximate=config.approximate)


class SiLU(nn.SiLU, Module):
    @dataclass(kw_only=True)
    class Config(Module.Config):
        pass

    def __init__(self, config):
        super().__init__()


class Identity(nn.Identity, Module):
    @dataclass(kw_only=True)
    class Config(Module.Config):
        pass

    def __init__(self, config):
        super().__init__()
