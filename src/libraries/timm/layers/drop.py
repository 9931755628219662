"""Regularisation that drops parts."""
import torch
from torch import nn


def drop_path(x, drop_prob=0.0, training=False, scale_by_keep=True):
    if drop_prob == 0.0 or not training:
        return x
    keep = 1 - drop_prob
    mask = x.new_empty((x.shape[0],) + (1,) * (x.ndim - 1)).bernoulli_(keep)
    if keep > 0.0 and scale_by_keep:
        mask.div_(keep)
    return x * mask


class DropPath(nn.Module):
    def __init__(self, drop_prob=0.0, scale_by_keep=True):
        super().__init__()
        self.drop_prob, self.scale_by_keep = drop_prob, scale_by_keep

    def forward(self, x):
        return drop_path(x, self.drop_prob, self.training, self.scale_by_keep)


class DropBlock2d(nn.Module):
    def __init__(self, drop_prob=0.1, block_size=7, **kwargs):
        super().__init__()
        self.drop_prob, self.block_size = drop_prob, block_size

    def forward(self, x):
        return x if not self.training or not self.drop_prob else x * torch.rand_like(x)


class PatchDropout(nn.Module):
    def __init__(self, prob=0.5, num_prefix_tokens=1, ordered=False, return_indices=False):
        super().__init__()
        self.prob, self.num_prefix_tokens, self.return_indices = prob, num_prefix_tokens, return_indices

    def forward(self, x):
        if not self.training or self.prob == 0.0:
            return (x, None) if self.return_indices else x
        prefix, rest = x[:, : self.num_prefix_tokens], x[:, self.num_prefix_tokens :]
        kept = max(1, int(rest.shape[1] * (1.0 - self.prob)))
        indices = torch.argsort(torch.randn(rest.shape[0], rest.shape[1], device=x.device), dim=-1)[:, :kept]
        rest = rest.gather(1, indices.unsqueeze(-1).expand((-1, -1) + rest.shape[2:]))
        x = torch.cat((prefix, rest), dim=1)
        return (x, indices) if self.return_indices else x
