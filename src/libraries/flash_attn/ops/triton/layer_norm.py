"""Norms with the residual's addition fused."""
import torch
import torch.nn.functional as F
from torch import nn


def _normed(x, weight, bias, residual, eps, dropout_p, prenorm, residual_in_fp32, rms, training=True):
    if dropout_p:
        x = F.dropout(x, dropout_p, training)
    if residual is not None:
        x = x + residual
    total = x.to(torch.float32) if residual_in_fp32 else x
    out = F.rms_norm(x, weight.shape, weight, eps) if rms else F.layer_norm(x, weight.shape, weight, bias, eps)
    if rms and bias is not None:
        out = out + bias
    return (out, total) if prenorm else out


def layer_norm_fn(x, weight, bias, residual=None, x1=None, weight1=None, bias1=None, eps=1e-6, dropout_p=0.0,
                  rowscale=None, prenorm=False, residual_in_fp32=False, is_rms_norm=False, **kwargs):
    return _normed(x, weight, bias, residual, eps, dropout_p, prenorm, residual_in_fp32, is_rms_norm)


def rms_norm_fn(x, weight, bias, residual=None, x1=None, weight1=None, bias1=None, eps=1e-6, dropout_p=0.0,
                rowscale=None, prenorm=False, residual_in_fp32=False, **kwargs):
    return _normed(x, weight, bias, residual, eps, dropout_p, prenorm, residual_in_fp32, True)


class RMSNorm(nn.Module):
    def __init__(self, hidden_size, eps=1e-5, dropout_p=0.0, zero_centered_weight=False, device=None, dtype=None):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(hidden_size, device=device, dtype=dtype))
        self.register_parameter("bias", None)
        self.drop = nn.Dropout(dropout_p) if dropout_p > 0.0 else None

    def forward(self, x, residual=None, prenorm=False, residual_in_fp32=False):
        dropout = self.drop.p if self.drop is not None and self.training else 0.0
        return rms_norm_fn(x, self.weight, self.bias, residual, eps=self.eps, dropout_p=dropout, prenorm=prenorm,
                           residual_in_fp32=residual_in_fp32)
