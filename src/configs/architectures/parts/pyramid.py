"""Heads that give each pixel a class, over feature maps of several sizes."""
import torch
from torch import nn
from torch.nn import functional as F


class ConvLayer(nn.Module):
    """A convolution without bias, batch norm and ReLU."""

    def __init__(self, channels, out, kernel=3, padding=0):
        super().__init__()
        self.convolution = nn.Conv2d(channels, out, kernel_size=kernel, padding=padding, bias=False)
        self.normalization = nn.BatchNorm2d(out)
        self.activation = nn.ReLU()

    def forward(self, x):
        x = self.convolution(x)
        x = self.normalization(x)
        return self.activation(x)


class PoolingBlock(nn.Module):
    """The map as a grid of `scale` by `scale` means, brought to `out` channels and back to its size."""

    def __init__(self, scale, channels, out):
        super().__init__()
        self.pooling = nn.AdaptiveAvgPool2d(scale)
        self.conv = ConvLayer(channels, out, 1)

    def forward(self, x, size):
        x = self.pooling(x)
        x = self.conv(x)
        return F.interpolate(x, size=size, mode="bilinear", align_corners=False)


class PoolingPyramid(nn.Module):
    def __init__(self, scales, channels, out):
        super().__init__()
        self.blocks = nn.ModuleList([PoolingBlock(scale, channels, out) for scale in scales])

    def forward(self, x):
        return [block(x, x.size()[2:]) for block in self.blocks]


class PyramidHead(nn.Module):
    """UPerNet: the last map pooled at several scales, added down to the larger maps, and all read together."""

    def __init__(self, config, channels, out):
        super().__init__()
        self.classifier = nn.Conv2d(out, config.num_labels, kernel_size=1)
        self.psp_modules = PoolingPyramid(config.pool_scales, channels[-1], out)
        self.psp_bottleneck = ConvLayer(channels[-1] + len(config.pool_scales) * out, out, 3, 1)
        self.lateral_convs = nn.ModuleList([ConvLayer(one, out, 1) for one in channels[:-1]])
        self.fpn_convs = nn.ModuleList([ConvLayer(out, out, 3, 1) for _ in channels[:-1]])
        self.fpn_bottleneck = ConvLayer(len(channels) * out, out, 3, 1)

    def pooled(self, x):
        x = torch.cat([x, *self.psp_modules(x)], dim=1)
        return self.psp_bottleneck(x)

    def forward(self, maps):
        levels = [conv(one) for conv, one in zip(self.lateral_convs, maps)]
        levels.append(self.pooled(maps[-1]))
        last = len(levels) - 1
        for i in range(last, 0, -1):
            size = levels[i - 1].shape[2:]
            levels[i - 1] = levels[i - 1] + F.interpolate(levels[i], size=size, mode="bilinear", align_corners=False)
        outs = [self.fpn_convs[i](levels[i]) for i in range(last)]
        outs.append(levels[-1])
        for i in range(last, 0, -1):
            outs[i] = F.interpolate(outs[i], size=outs[0].shape[2:], mode="bilinear", align_corners=False)
        outs = torch.cat(outs, dim=1)
        x = self.fpn_bottleneck(outs)
        return self.classifier(x)


class PlainHead(nn.Module):
    """Convolutions over one of the maps, whose loss helps in training."""

    def __init__(self, config, channels, index=2):
        super().__init__()
        self.index, self.joins = index, config.auxiliary_concat_input
        out = config.auxiliary_channels
        widths = [channels] + [out] * config.auxiliary_num_convs
        self.convs = nn.ModuleList([ConvLayer(one, out, 3, 1) for one in widths[:-1]])
        if self.joins:
            self.conv_cat = ConvLayer(channels + out, out, 3, 1)
        self.classifier = nn.Conv2d(out, config.num_labels, kernel_size=1)

    def forward(self, maps):
        x = maps[self.index]
        for conv in self.convs:
            x = conv(x)
        if self.joins:
            x = self.conv_cat(torch.cat([maps[self.index], x], dim=1))
        return self.classifier(x)


def segmentation_loss(logits, other, labels, config):
    """Cross entropy at the labels' size, and that of the auxiliary head at its weight."""
    size = labels.shape[-2:]
    larger = F.interpolate(logits, size=size, mode="bilinear", align_corners=False)
    if other is not None:
        larger_other = F.interpolate(other, size=size, mode="bilinear", align_corners=False)
    loss = F.cross_entropy(larger, labels, ignore_index=config.semantic_loss_ignore_index)
    if other is not None:
        extra = F.cross_entropy(larger_other, labels, ignore_index=config.semantic_loss_ignore_index)
        loss += config.auxiliary_loss_weight * extra
    return loss
