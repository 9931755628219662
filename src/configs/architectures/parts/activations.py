"""Activation functions by the names that configs use; those written out keep what PyTorch keeps for them."""
import math

import torch
from torch import nn


class NewGELU(nn.Module):
    """GELU by tanh, written out as GPT-2 has it."""

    def forward(self, x):
        return 0.5 * x * (1.0 + torch.tanh(math.sqrt(2.0 / math.pi) * (x + 0.044715 * torch.pow(x, 3.0))))


class FastGELU(nn.Module):
    def forward(self, x):
        return 0.5 * x * (1.0 + torch.tanh(x * 0.7978845608 * (1.0 + 0.044715 * x * x)))


class QuickGELU(nn.Module):
    def forward(self, x):
        return x * torch.sigmoid(1.702 * x)


class SquaredReLU(nn.Module):
    def forward(self, x):
        return torch.square(nn.functional.relu(x))


class SqrtSoftplus(nn.Module):
    def forward(self, x):
        return nn.functional.softplus(x).sqrt()


class XIELU(nn.Module):
    """Two parabolas that meet in the origin, with learned curvature and a linear term."""

    def __init__(self):
        super().__init__()
        self.alpha_p = nn.Parameter(torch.empty(1))
        self.alpha_n = nn.Parameter(torch.empty(1))
        self.register_buffer("beta", torch.tensor(0.5))
        self.register_buffer("eps", torch.tensor(-1e-6))

    def forward(self, x):
        above = nn.functional.softplus(self.alpha_p)
        below = self.beta + nn.functional.softplus(self.alpha_n)
        return torch.where(
            x > 0,
            above * x * x + self.beta * x,
            (torch.expm1(torch.min(x, self.eps)) - x) * below + self.beta * x,
        )


class Clipped(nn.Module):
    def forward(self, x):
        return torch.clip(nn.functional.gelu(x), -10, 10)


def activation(name):
    """The module for a config's `hidden_act`."""
    if not isinstance(name, str):
        return name
    if name in ("gelu", "gelu_python"):
        return nn.GELU()
    if name in ("gelu_pytorch_tanh", "gelu_python_tanh"):
        return nn.GELU(approximate="tanh")
    makers = {
        "gelu_new": NewGELU,
        "gelu_fast": FastGELU,
        "gelu_accurate": FastGELU,
        "gelu_10": Clipped,
        "quick_gelu": QuickGELU,
        "silu": nn.SiLU,
        "swish": nn.SiLU,
        "relu": nn.ReLU,
        "relu2": SquaredReLU,
        "relu6": nn.ReLU6,
        "leaky_relu": nn.LeakyReLU,
        "sigmoid": nn.Sigmoid,
        "tanh": nn.Tanh,
        "mish": nn.Mish,
        "hardswish": nn.Hardswish,
        "linear": nn.Identity,
        "xielu": XIELU,
        "sqrtsoftplus": SqrtSoftplus,
    }
    if name not in makers:
        raise ValueError(f"hidden_act {name!r} is not an activation function")
    return makers[name]()
