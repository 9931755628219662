"""Dropped paths."""
import torch
from torch import nn


class DropPath(nn.Module):
    def __init__(self, drop_prob=0.1):
        super().__init__()
        self.drop_prob = drop_prob

    def forward(self, x):
        if self.drop_prob == 0.0 or not self.training:
            return x
        keep = 1 - self.drop_prob
        mask = keep + torch.rand((x.shape[0],) + (1,) * (x.ndim - 1), dtype=x.dtype, device=x.device)
        return x.div(keep) * mask.floor()


def build_dropout(cfg, default_args=None):
    given = {**(default_args or {}), **cfg}
    kind = given.pop("type")
    return DropPath(**given) if kind == "DropPath" else nn.Dropout(given.get("drop_prob", 0.5))
