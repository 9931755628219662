"""DINOv3's ConvNeXt: ConvNeXt's stages, whose mean becomes a class token before the last norm."""
import torch
from torch import nn

from .convnext import ChannelNorm
from .parts.activations import activation
from .parts.config import Config
from .parts.depth import DropPath, rates
from .parts.heads import ImageModel
from .parts.output import Output


class DINOv3ConvNextConfig(Config):
    model_type = "dinov3_convnext"
    defaults = dict(
        num_channels=3,
        hidden_sizes=[96, 192, 384, 768],
        depths=[3, 3, 9, 3],
        hidden_act="gelu",
        layer_norm_eps=1e-6,
        layer_scale_init_value=1e-6,
        drop_path_rate=0.0,
        image_size=224,
    )


class DINOv3ConvNextLayer(nn.Module):
    def __init__(self, config, channels, rate):
        super().__init__()
        self.depthwise_conv = nn.Conv2d(channels, channels, kernel_size=7, padding=3, groups=channels)
        self.layer_norm = nn.LayerNorm(channels, eps=config.layer_norm_eps)
        self.pointwise_conv1 = nn.Linear(channels, 4 * channels)
        self.activation_fn = activation(config.hidden_act)
        self.pointwise_conv2 = nn.Linear(4 * channels, channels)
        self.gamma = nn.Parameter(torch.full((channels,), config.layer_scale_init_value))
        self.drop_path = DropPath(rate) if rate > 0.0 else nn.Identity()

    def forward(self, x):
        before = x
        x = self.depthwise_conv(x)
        x = x.permute(0, 2, 3, 1)
        x = self.layer_norm(x)
        x = self.pointwise_conv1(x)
        x = self.activation_fn(x)
        x = self.pointwise_conv2(x)
        x = x * self.gamma
        x = x.permute(0, 3, 1, 2)
        return before + self.drop_path(x)


class DINOv3ConvNextStage(nn.Module):
    def __init__(self, config, index):
        super().__init__()
        channels = config.hidden_sizes[index]
        if index == 0:
            first = nn.Conv2d(config.num_channels, channels, kernel_size=4, stride=4)
            steps = [first, ChannelNorm(channels, eps=config.layer_norm_eps)]
        else:
            before = config.hidden_sizes[index - 1]
            steps = [ChannelNorm(before, eps=config.layer_norm_eps), nn.Conv2d(before, channels, kernel_size=2, stride=2)]
        self.downsample_layers = nn.ModuleList(steps)
        start = sum(config.depths[:index])
        own = rates(config)[start : start + config.depths[index]]
        self.layers = nn.ModuleList([DINOv3ConvNextLayer(config, channels, rate) for rate in own])

    def forward(self, x):
        for layer in self.downsample_layers:
            x = layer(x)
        for layer in self.layers:
            x = layer(x)
        return x


class DINOv3ConvNextEncoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.stages = nn.ModuleList([DINOv3ConvNextStage(config, i) for i in range(len(config.hidden_sizes))])

    def forward(self, x):
        for stage in self.stages:
            x = stage(x)
        return x


class DINOv3ConvNextModel(ImageModel):
    def __init__(self, config):
        super().__init__(config)
        self.model = DINOv3ConvNextEncoder(config)
        self.layer_norm = nn.LayerNorm(config.hidden_sizes[-1], eps=config.layer_norm_eps)
        self.pool = nn.AdaptiveAvgPool2d(1)

    def forward(self, pixel_values=None, **kwargs):
        x = self.model(pixel_values)
        pooled = self.pool(x).flatten(2).transpose(1, 2)
        x = torch.cat([pooled, x.flatten(2).transpose(1, 2)], dim=1)
        x = self.layer_norm(x)
        return Output(last_hidden_state=x, pooler_output=x[:, 0])
