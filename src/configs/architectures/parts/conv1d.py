"""GPT-2's linear layer, whose weight is stored the other way round."""
import torch
from torch import nn


class Conv1D(nn.Module):
    """`x @ weight + bias` with a weight `[in, out]`."""

    def __init__(self, out_features, in_features):
        super().__init__()
        self.out_features = out_features
        self.weight = nn.Parameter(torch.empty(in_features, out_features))
        self.bias = nn.Parameter(torch.zeros(out_features))
        nn.init.normal_(self.weight, std=0.02)

    def forward(self, x):
        shape = (*x.shape[:-1], self.out_features)
        return torch.addmm(self.bias, x.view(-1, x.shape[-1]), self.weight).view(shape)
