from torch import nn


class FeedForward(nn.Module):
    """A gated product, or a plain one where there is no up_proj."""

    def __init__(self, *, gate_proj, down_proj, up_proj=None, activation=nn.SiLU()):
        super().__init__()
        self.w1, self.w2, self.w3 = gate_proj, down_proj, up_proj
        self.activation = activation

    def forward(self, x):
        hidden = self.activation(self.w1(x))
        if self.w3 is not None:
            hidden = hidden * self.w3(x)
        return self.w2(hidden)
