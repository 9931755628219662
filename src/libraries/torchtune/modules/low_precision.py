"""Weights in four bits: their bytes are not known here, their products are."""
from _assay import unknown as _unknown
from torch import nn


class FrozenNF4Linear(nn.Linear):
    def __init__(self, in_dim, out_dim, bias=False, device=None, dtype=None, **quantization_kwargs):
        super().__init__(in_dim, out_dim, bias=bias, device=device, dtype=dtype)
        for parameter in self.parameters():
            parameter.requires_grad_(False)
        _unknown("a weight in nf4 is counted in the type it had before")(self.weight)
