from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torchtitan.protocols.module import Module

from .linear import Linear


def compute_ffn_hidden_dim(dim, *, multiple_of=1, ffn_dim_multiplier=None):
    hidden = int(8 * dim / 3)
    if ffn_dim_multiplier is not None:
        hidden = int(ffn_dim_multiplier * hidden)
    return multiple_of * ((hidden + multiple_of - 1) // multiple_of)


class FeedForward(Module):
    @dataclass(kw_only=True)
    class Config(Module.Config):
        w1: Linear.Config
        w2: Linear.Config
        w3: Linear.Config

    def __init__(self, config):
        super().__init__()
        self.w1, self.w2, self.w3 = config.w1.build(), config.w2.build(), config.w3.build()

    def forward(self, x):
        return self.w2(F.silu(self.w1(x)) * self.w3(x))


class SigmoidGatedFeedForward(FeedForward):
    @dataclass(kw_only=True)
    class Config(FeedForward.Config):
        gate: Linear.Config

    def __init__(self, config):
        super().__init__(config)
        self.gate = config.gate.build()

    def forward(self, x):
        out = super().forward(x)
        return torch.sigmoid(self.gate(x)) * out
