"""Norms with the residual's addition fused."""
import torch
import torch.nn.functional as F
from torch import nn


def layer_norm_fn(x, weight, bias, residual=None, eps=1e-6, prenorm=False, residual_in_fp32=False, is_rms_norm=False, **kwargs):
    if residual is not None:
        x = x + residual
    total = x.to(torch.float32) if residual_in_fp32 else x
    out = F.rms_norm(x, weight.shape, weight, eps) if is_rms_norm else F.layer_norm(x, weight.shape, weight, bias, eps)
    return (out, total) if prenorm else out


def rms_norm_fn(x, weight, bias, residual=None, prenorm=False, residual_in_fp32=False, eps=1e-6, **kwargs):
    return layer_norm_fn(x, weight, bias, residual, eps, prenorm, residual_in_fp32, True)


class RMSNorm(nn.Module):
    def __init__(self, hidden_size, eps=1e-5, dropout_p=0.0, device=None, dtype=None):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(hidden_size, device=device, dtype=dtype))
        self.register_parameter("bias", None)

    def forward(self, x, residual=None, prenorm=False, residual_in_fp32=False):
        return rms_norm_fn(x, self.weight, self.bias, residual, prenorm, residual_in_fp32, self.eps)
