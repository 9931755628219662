"""Channels weighed by what is seen of the whole image."""
from torch import nn

from .functions import get_act_layer, make_divisible


class SEModule(nn.Module):
    def __init__(self, channels, rd_ratio=1.0 / 16, rd_channels=None, rd_divisor=8, add_maxpool=False, bias=True, act_layer=nn.ReLU, norm_layer=None, gate_layer="sigmoid"):
        super().__init__()
        self.add_maxpool = add_maxpool
        rd_channels = rd_channels or make_divisible(channels * rd_ratio, rd_divisor, round_limit=0.0)
        self.fc1 = nn.Conv2d(channels, rd_channels, kernel_size=1, bias=bias)
        self.bn = norm_layer(rd_channels) if norm_layer else nn.Identity()
        self.act = get_act_layer(act_layer)(inplace=True)
        self.fc2 = nn.Conv2d(rd_channels, channels, kernel_size=1, bias=bias)
        self.gate = get_act_layer(gate_layer)()

    def forward(self, x):
        seen = x.mean((2, 3), keepdim=True)
        if self.add_maxpool:
            seen = 0.5 * seen + 0.5 * x.amax((2, 3), keepdim=True)
        return x * self.gate(self.fc2(self.act(self.bn(self.fc1(seen)))))


SqueezeExcite = SEModule
