"""Layers of fairseq."""
import torch
import torch.nn.functional as F
from torch import nn


def LayerNorm(normalized_shape, eps=1e-5, elementwise_affine=True, export=False):
    return nn.LayerNorm(normalized_shape, eps, elementwise_affine)


class Fp32LayerNorm(nn.LayerNorm):
    def forward(self, input):
        floated = lambda x: None if x is None else x.float()
        return F.layer_norm(input.float(), self.normalized_shape, floated(self.weight), floated(self.bias), self.eps).type_as(input)


class Fp32GroupNorm(nn.GroupNorm):
    def forward(self, input):
        floated = lambda x: None if x is None else x.float()
        return F.group_norm(input.float(), self.num_groups, floated(self.weight), floated(self.bias), self.eps).type_as(input)


class FairseqDropout(nn.Module):
    def __init__(self, p, module_name=None):
        super().__init__()
        self.p, self.module_name = p, module_name

    def forward(self, x, inplace=False):
        return F.dropout(x, p=self.p, training=True, inplace=inplace) if self.p > 0 and self.training else x


class GradMultiply(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, scale):
        ctx.scale = scale
        return x.new(x)

    @staticmethod
    def backward(ctx, grad):
        return grad * ctx.scale, None


class TransposeLast(nn.Module):
    def __init__(self, deconstruct_idx=None):
        super().__init__()
        self.deconstruct_idx = deconstruct_idx

    def forward(self, x):
        return (x if self.deconstruct_idx is None else x[self.deconstruct_idx]).transpose(-2, -1)


class SamePad(nn.Module):
    def __init__(self, kernel_size, causal=False):
        super().__init__()
        self.remove = kernel_size - 1 if causal else 1 if kernel_size % 2 == 0 else 0

    def forward(self, x):
        return x[:, :, : -self.remove] if self.remove > 0 else x


def gelu_accurate(x):
    return F.gelu(x, approximate="tanh")


def gelu(x):
    return F.gelu(x.float()).type_as(x)
