"""Linear layers with what stands around them, where the width is not the config's own."""
from torch import nn

from .activations import activation


class Dense(nn.Module):
    """A linear layer and dropout, added to what is given besides."""

    def __init__(self, width, size, dropout):
        super().__init__()
        self.dense = nn.Linear(width, size)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, before=None):
        x = self.dense(x)
        x = self.dropout(x)
        return x if before is None else x + before


class Widened(nn.Module):
    """A linear layer and the config's activation."""

    def __init__(self, config, size, width):
        super().__init__()
        self.dense = nn.Linear(size, width)
        self.intermediate_act_fn = activation(config.hidden_act)

    def forward(self, x):
        x = self.dense(x)
        return self.intermediate_act_fn(x)
