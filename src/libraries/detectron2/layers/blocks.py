"""Blocks of convolutional networks."""
from torch import nn

from .batch_norm import FrozenBatchNorm2d, get_norm
from .wrappers import Conv2d


class CNNBlockBase(nn.Module):
    def __init__(self, in_channels, out_channels, stride):
        super().__init__()
        self.in_channels, self.out_channels, self.stride = in_channels, out_channels, stride

    def freeze(self):
        for one in self.parameters():
            one.requires_grad = False
        return self


class DepthwiseSeparableConv2d(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size=3, padding=1, dilation=1, *, norm1=None, activation1=None, norm2=None, activation2=None):
        super().__init__()
        self.depthwise = Conv2d(in_channels, in_channels, kernel_size=kernel_size, padding=padding, dilation=dilation, groups=in_channels,
                                bias=not norm1, norm=get_norm(norm1, in_channels), activation=activation1)
        self.pointwise = Conv2d(in_channels, out_channels, kernel_size=1, bias=not norm2, norm=get_norm(norm2, out_channels), activation=activation2)

    def forward(self, x):
        return self.pointwise(self.depthwise(x))
