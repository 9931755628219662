"""MobileNetV1: convolutions of single channels and of single pixels in turn."""
import torch
from torch import nn

from .parts.activations import activation
from .parts.config import Config
from .parts.heads import ImageModel
from .parts.losses import classification_loss
from .parts.output import Output


class MobileNetV1Config(Config):
    model_type = "mobilenet_v1"
    defaults = dict(
        num_channels=3,
        image_size=224,
        depth_multiplier=1.0,
        min_depth=8,
        hidden_act="relu6",
        tf_padding=True,
        classifier_dropout_prob=0.999,
        layer_norm_eps=0.001,
    )

    def complete(self, given):
        if self.depth_multiplier <= 0:
            raise ValueError(f"depth_multiplier is {self.depth_multiplier}, but it must be above 0")


def padded(x, conv):
    """The image with as many zeros as TensorFlow adds, more of them right and below."""
    edges = []
    for axis in (1, 0):
        size, stride, kernel = x.shape[2 + axis], conv.stride[axis], conv.kernel_size[axis]
        missing = max(kernel - (size % stride or stride), 0)
        edges += [missing // 2 * conv.dilation[axis], (missing - missing // 2) * conv.dilation[axis]]
    return nn.functional.pad(x, edges, "constant", 0.0)


class MobileNetConvLayer(nn.Module):
    """`act`: the config's activation, another one's name, or none."""

    momentum = 0.9997

    def __init__(self, config, channels, out, kernel, stride=1, groups=1, dilation=1, bias=False, normed=True, act=True, eps=None):
        super().__init__()
        self.pads = config.tf_padding
        padding = 0 if self.pads else int((kernel - 1) / 2) * dilation
        self.convolution = nn.Conv2d(channels, out, kernel, stride, padding, dilation, groups, bias)
        eps = config.layer_norm_eps if eps is None else eps
        self.normalization = nn.BatchNorm2d(out, eps=eps, momentum=self.momentum) if normed else None
        self.activation = activation(act if isinstance(act, str) else config.hidden_act) if act else None

    def forward(self, x):
        if self.pads:
            x = padded(x, self.convolution)
        x = self.convolution(x)
        if self.normalization is not None:
            x = self.normalization(x)
        if self.activation is not None:
            x = self.activation(x)
        return x


class MobileNetV1Model(ImageModel):
    def __init__(self, config):
        super().__init__(config)
        depth = 32
        out = max(int(depth * config.depth_multiplier), config.min_depth)
        self.conv_stem = MobileNetConvLayer(config, config.num_channels, out, 3, 2)
        self.layer = nn.ModuleList([])
        for i, stride in enumerate([1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1]):
            channels = out
            if stride == 2 or i == 0:
                depth *= 2
                out = max(int(depth * config.depth_multiplier), config.min_depth)
            self.layer.append(MobileNetConvLayer(config, channels, channels, 3, stride, channels))
            self.layer.append(MobileNetConvLayer(config, channels, out, 1))
        self.pooler = nn.AdaptiveAvgPool2d((1, 1))

    def forward(self, pixel_values=None, **kwargs):
        x = self.conv_stem(pixel_values)
        for layer in self.layer:
            x = layer(x)
        return Output(last_hidden_state=x, pooler_output=torch.flatten(self.pooler(x), start_dim=1))


class MobileNetV1ForImageClassification(ImageModel):
    def __init__(self, config):
        super().__init__(config)
        self.mobilenet_v1 = MobileNetV1Model(config)
        size = self.mobilenet_v1.layer[-1].convolution.out_channels
        self.dropout = nn.Dropout(config.classifier_dropout_prob, inplace=True)
        self.classifier = nn.Linear(size, config.num_labels) if config.num_labels > 0 else nn.Identity()

    def forward(self, pixel_values=None, labels=None, **kwargs):
        out = self.mobilenet_v1(pixel_values)
        logits = self.classifier(self.dropout(out.pooler_output))
        loss = None if labels is None else classification_loss(logits, labels, self.config)
        return Output(loss=loss, logits=logits)
