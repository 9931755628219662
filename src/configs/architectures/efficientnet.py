"""EfficientNet: blocks that widen, mix each channel alone, weigh the channels and narrow; width and depth scaled together."""
import math

import torch
from torch import nn

from .parts.activations import activation
from .parts.config import Config
from .parts.heads import ImageModel
from .parts.losses import classification_loss
from .parts.output import Output


class EfficientNetConfig(Config):
    model_type = "efficientnet"
    defaults = dict(
        num_channels=3,
        image_size=600,
        width_coefficient=2.0,
        depth_coefficient=3.1,
        depth_divisor=8,
        kernel_sizes=[3, 3, 5, 3, 5, 5, 3],
        in_channels=[32, 16, 24, 40, 80, 112, 192],
        out_channels=[16, 24, 40, 80, 112, 192, 320],
        depthwise_padding=[],
        strides=[1, 2, 2, 2, 1, 2, 1],
        num_block_repeats=[1, 2, 2, 3, 3, 4, 1],
        expand_ratios=[1, 6, 6, 6, 6, 6, 6],
        squeeze_expansion_ratio=0.25,
        hidden_act="swish",
        hidden_dim=2560,
        pooling_type="mean",
        batch_norm_eps=0.001,
        batch_norm_momentum=0.99,
        dropout_rate=0.5,
        drop_connect_rate=0.2,
    )

    def complete(self, given):
        if self.pooling_type not in ("mean", "max"):
            raise ValueError(f"pooling_type {self.pooling_type!r} is neither mean nor max")
        if self.channels(1280) != self.hidden_dim:
            raise ValueError(f"hidden_dim {self.hidden_dim} is not the scaled width {self.channels(1280)} of the last convolution")

    def channels(self, count):
        """A base width scaled and rounded to the divisor."""
        count *= self.width_coefficient
        nearest = max(self.depth_divisor, int(count + self.depth_divisor / 2) // self.depth_divisor * self.depth_divisor)
        return int(nearest + self.depth_divisor if nearest < 0.9 * count else nearest)

    def repeats(self, count):
        return int(math.ceil(self.depth_coefficient * count))


def norm(config, channels):
    return nn.BatchNorm2d(channels, eps=config.batch_norm_eps, momentum=config.batch_norm_momentum)


class EfficientNetEmbeddings(nn.Module):
    def __init__(self, config):
        super().__init__()
        width = config.channels(32)
        self.padding = nn.ZeroPad2d(padding=(0, 1, 0, 1))
        self.convolution = nn.Conv2d(config.num_channels, width, kernel_size=3, stride=2, padding="valid", bias=False)
        self.batchnorm = norm(config, width)
        self.activation = activation(config.hidden_act)

    def forward(self, x):
        x = self.padding(x)
        x = self.convolution(x)
        x = self.batchnorm(x)
        return self.activation(x)


class EfficientNetExpansion(nn.Module):
    def __init__(self, config, channels, out):
        super().__init__()
        self.expand_conv = nn.Conv2d(channels, out, kernel_size=1, padding="same", bias=False)
        self.expand_bn = nn.BatchNorm2d(out, eps=config.batch_norm_eps)
        self.expand_act = activation(config.hidden_act)

    def forward(self, x):
        x = self.expand_conv(x)
        x = self.expand_bn(x)
        return self.expand_act(x)


class EfficientNetDepthwise(nn.Module):
    def __init__(self, config, channels, stride, kernel, adjust):
        super().__init__()
        self.stride = stride
        half, less = kernel // 2, kernel // 2 - (1 if adjust else 0)
        self.depthwise_conv_pad = nn.ZeroPad2d(padding=(less, half, less, half))
        padding = "valid" if stride == 2 else "same"
        self.depthwise_conv = nn.Conv2d(channels, channels, kernel, stride=stride, padding=padding, groups=channels, bias=False)
        self.depthwise_norm = norm(config, channels)
        self.depthwise_act = activation(config.hidden_act)

    def forward(self, x):
        if self.stride == 2:
            x = self.depthwise_conv_pad(x)
        x = self.depthwise_conv(x)
        x = self.depthwise_norm(x)
        return self.depthwise_act(x)


class EfficientNetSqueezeExcite(nn.Module):
    def __init__(self, config, channels, width):
        super().__init__()
        narrow = max(1, int(channels * config.squeeze_expansion_ratio))
        self.squeeze = nn.AdaptiveAvgPool2d(output_size=1)
        self.reduce = nn.Conv2d(width, narrow, kernel_size=1, padding="same")
        self.expand = nn.Conv2d(narrow, width, kernel_size=1, padding="same")
        self.act_reduce = activation(config.hidden_act)
        self.act_expand = nn.Sigmoid()

    def forward(self, x):
        before = x
        x = self.squeeze(x)
        x = self.reduce(x)
        x = self.act_reduce(x)
        x = self.expand(x)
        x = self.act_expand(x)
        return torch.mul(before, x)


class EfficientNetProjection(nn.Module):
    def __init__(self, config, channels, out, rate, adds):
        super().__init__()
        self.adds = adds
        self.project_conv = nn.Conv2d(channels, out, kernel_size=1, padding="same", bias=False)
        self.project_bn = norm(config, out)
        self.dropout = nn.Dropout(p=rate)

    def forward(self, before, x):
        x = self.project_conv(x)
        x = self.project_bn(x)
        if self.adds:
            x = self.dropout(x)
            x = x + before
        return x


class EfficientNetBlock(nn.Module):
    def __init__(self, config, channels, out, stride, ratio, kernel, rate, first, adjust):
        super().__init__()
        self.widens = ratio != 1
        width = channels * ratio
        if self.widens:
            self.expansion = EfficientNetExpansion(config, channels, width)
        self.depthwise_conv = EfficientNetDepthwise(config, width, stride, kernel, adjust)
        self.squeeze_excite = EfficientNetSqueezeExcite(config, channels, width)
        self.projection = EfficientNetProjection(config, width, out, rate, stride == 1 and not first)

    def forward(self, x):
        before = x
        if self.widens:
            x = self.expansion(x)
        x = self.depthwise_conv(x)
        x = self.squeeze_excite(x)
        return self.projection(before, x)


class EfficientNetEncoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        total = sum(config.repeats(count) for count in config.num_block_repeats)
        blocks = []
        for i, repeats in enumerate(config.num_block_repeats):
            out = config.channels(config.out_channels[i])
            for j in range(config.repeats(repeats)):
                number, first = len(blocks), j == 0
                channels = config.channels(config.in_channels[i]) if first else out
                rate, adjust = config.drop_connect_rate * number / total, number not in config.depthwise_padding
                stride = config.strides[i] if first else 1
                blocks.append(EfficientNetBlock(config, channels, out, stride, config.expand_ratios[i], config.kernel_sizes[i], rate, first, adjust))
        self.blocks = nn.ModuleList(blocks)
        self.top_conv = nn.Conv2d(out, config.channels(1280), kernel_size=1, padding="same", bias=False)
        self.top_bn = norm(config, config.hidden_dim)
        self.top_activation = activation(config.hidden_act)

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        x = self.top_conv(x)
        x = self.top_bn(x)
        return self.top_activation(x)


class EfficientNetModel(ImageModel):
    def __init__(self, config):
        super().__init__(config)
        self.embeddings = EfficientNetEmbeddings(config)
        self.encoder = EfficientNetEncoder(config)
        pool = nn.AvgPool2d if config.pooling_type == "mean" else nn.MaxPool2d
        self.pooler = pool(config.hidden_dim, ceil_mode=True)

    def forward(self, pixel_values=None, **kwargs):
        embedded = self.embeddings(pixel_values)
        x = self.encoder(embedded)
        pooled = self.pooler(x)
        return Output(last_hidden_state=x, pooler_output=pooled.reshape(pooled.shape[:2]))


class EfficientNetForImageClassification(ImageModel):
    def __init__(self, config):
        super().__init__(config)
        self.efficientnet = EfficientNetModel(config)
        self.dropout = nn.Dropout(p=config.dropout_rate)
        self.classifier = nn.Linear(config.hidden_dim, config.num_labels) if config.num_labels > 0 else nn.Identity()

    def forward(self, pixel_values=None, labels=None, **kwargs):
        out = self.efficientnet(pixel_values)
        logits = self.classifier(self.dropout(out.pooler_output))
        loss = None if labels is None else classification_loss(logits, labels, self.config)
        return Output(loss=loss, logits=logits)
