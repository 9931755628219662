"""Stochastic depth: whole branches left out at random while training."""
import torch
from torch import nn


class DropPath(nn.Module):
    """Keeps each sample's branch with a probability, and scales what is kept; nothing outside training."""

    def __init__(self, rate=0.0):
        super().__init__()
        self.rate = rate

    def forward(self, x):
        if self.rate == 0.0 or not self.training:
            return x
        kept = 1 - self.rate
        shape = (x.shape[0],) + (1,) * (x.ndim - 1)
        mask = torch.floor(torch.rand(shape, dtype=x.dtype, device=x.device) + kept)
        return x.div(kept) * mask


def rates(config, count=None):
    """A rate for each layer, from none to the config's."""
    count = sum(config.depths) if count is None else count
    return [one.item() for one in torch.linspace(0, config.drop_path_rate, count, device="cpu")]
