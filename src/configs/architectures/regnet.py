"""RegNet: residual stages whose middle convolution runs in groups; the Y kind weighs channels by squeeze and excitation."""
from torch import nn

from .parts.activations import activation
from .parts.config import Config
from .resnet import ResNetEncoder, ResNetForImageClassification, ResNetModel, ResNetShortCut, ResNetStage


class RegNetConfig(Config):
    model_type = "regnet"
    defaults = dict(
        num_channels=3,
        image_size=224,
        embedding_size=32,
        hidden_sizes=[128, 192, 512, 1088],
        depths=[2, 6, 12, 2],
        groups_width=64,
        layer_type="y",
        hidden_act="relu",
        downsample_in_first_stage=True,
    )

    def complete(self, given):
        if self.layer_type not in ("x", "y"):
            raise ValueError(f"layer_type {self.layer_type!r} is neither x nor y")


class RegNetConvLayer(nn.Module):
    def __init__(self, channels, out, kernel=3, stride=1, groups=1, act="relu"):
        super().__init__()
        self.convolution = nn.Conv2d(channels, out, kernel, stride=stride, padding=kernel // 2, groups=groups, bias=False)
        self.normalization = nn.BatchNorm2d(out)
        self.activation = nn.Identity() if act is None else activation(act)

    def forward(self, x):
        return self.activation(self.normalization(self.convolution(x)))


class RegNetEmbeddings(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.embedder = RegNetConvLayer(config.num_channels, config.embedding_size, stride=2, act=config.hidden_act)

    def forward(self, x):
        return self.embedder(x)


class RegNetSELayer(nn.Module):
    """Each channel scaled by what the whole picture says."""

    def __init__(self, channels, reduced):
        super().__init__()
        self.pooler = nn.AdaptiveAvgPool2d((1, 1))
        self.attention = nn.Sequential(nn.Conv2d(channels, reduced, 1), nn.ReLU(), nn.Conv2d(reduced, channels, 1), nn.Sigmoid())

    def forward(self, x):
        return x * self.attention(self.pooler(x))


class RegNetLayer(nn.Module):
    def __init__(self, config, channels, out, stride=1):
        super().__init__()
        changes = channels != out or stride != 1
        self.shortcut = ResNetShortCut(channels, out, stride) if changes else nn.Identity()
        groups, act = max(1, out // config.groups_width), config.hidden_act
        squeeze = [RegNetSELayer(out, int(round(channels / 4)))] if config.layer_type == "y" else []
        self.layer = nn.Sequential(
            RegNetConvLayer(channels, out, 1, act=act),
            RegNetConvLayer(out, out, stride=stride, groups=groups, act=act),
            *squeeze,
            RegNetConvLayer(out, out, 1, act=None),
        )
        self.activation = activation(act)

    def forward(self, x):
        out = self.layer(x)
        out += self.shortcut(x)
        return self.activation(out)


class RegNetStage(ResNetStage):
    layer_class = RegNetLayer

    def forward(self, x):
        return self.layers(x)


class RegNetEncoder(ResNetEncoder):
    stage_class = RegNetStage


class RegNetModel(ResNetModel):
    embeddings_class, encoder_class = RegNetEmbeddings, RegNetEncoder


class RegNetForImageClassification(ResNetForImageClassification):
    base, name = RegNetModel, "regnet"
