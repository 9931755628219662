from dataclasses import dataclass

from torch import nn
from torchtitan.protocols.module import Module


class Linear(nn.Linear, Module):
    @dataclass(kw_only=True)
    class Config(Module.Config):
        in_features: int
        out_features: int
        bias: bool = False

    def __init__(self, config):
        super().__init__(config.in_features, config.out_features, bias=config.bias)
