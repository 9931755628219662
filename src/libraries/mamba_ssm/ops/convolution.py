"""The depthwise convolution over the positions before, as causal_conv1d has it."""
import torch.nn.functional as F


def causal_conv1d_fn(x, weight, bias=None, activation=None):
    width, length = weight.shape[1], x.shape[-1]
    out = F.conv1d(x, weight.unsqueeze(1), bias, padding=width - 1, groups=x.shape[1])[..., :length]
    return F.silu(out) if activation in ("silu", "swish") else out
