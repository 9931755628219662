from torch import nn


class Fp32LayerNorm(nn.LayerNorm):
    """Computed in fp32, given back in the input's type."""

    def forward(self, x):
        weight = None if self.weight is None else self.weight.float()
        bias = None if self.bias is None else self.bias.float()
        return nn.functional.layer_norm(x.float(), self.normalized_shape, weight, bias, self.eps).type_as(x)
