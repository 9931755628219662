"""ConvNeXt: wide convolutions of single channels, then a feed-forward over the channels."""
import torch
from torch import nn

from .parts.activations import activation
from .parts.config import Config
from .parts.depth import DropPath, rates
from .parts.heads import ImageModel
from .parts.losses import classification_loss
from .parts.output import Output


class ConvNextConfig(Config):
    model_type = "convnext"
    defaults = dict(
        num_channels=3,
        patch_size=4,
        num_stages=4,
        hidden_sizes=[96, 192, 384, 768],
        depths=[3, 3, 9, 3],
        hidden_act="gelu",
        layer_norm_eps=1e-12,
        layer_scale_init_value=1e-6,
        drop_path_rate=0.0,
        image_size=224,
    )


class ChannelNorm(nn.LayerNorm):
    """A norm over the channels of `[B, C, H, W]`."""

    def forward(self, x):
        x = x.permute(0, 2, 3, 1)
        x = super().forward(x)
        return x.permute(0, 3, 1, 2)


class ConvNextEmbeddings(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.channels = config.num_channels
        size = config.hidden_sizes[0]
        self.patch_embeddings = nn.Conv2d(config.num_channels, size, kernel_size=config.patch_size, stride=config.patch_size)
        self.layernorm = ChannelNorm(size, eps=1e-6)

    def forward(self, x):
        if x.shape[1] != self.channels:
            raise ValueError(f"the image has {x.shape[1]} channels, but num_channels is {self.channels}")
        x = self.patch_embeddings(x)
        return self.layernorm(x)


class ConvNextLayer(nn.Module):
    def __init__(self, config, channels, rate):
        super().__init__()
        self.dwconv = nn.Conv2d(channels, channels, kernel_size=7, padding=3, groups=channels)
        self.layernorm = nn.LayerNorm(channels, eps=1e-6)
        self.pwconv1 = nn.Linear(channels, 4 * channels)
        self.act = activation(config.hidden_act)
        self.widened(config, channels)
        self.pwconv2 = nn.Linear(4 * channels, channels)
        self.drop_path = DropPath(rate) if rate > 0.0 else nn.Identity()

    def widened(self, config, channels):
        """What the layer has besides: a scale for each channel where the config gives it a value."""
        start = config.layer_scale_init_value
        self.grn = None
        self.layer_scale_parameter = nn.Parameter(start * torch.ones(channels)) if start > 0 else None

    def forward(self, x):
        before = x
        x = self.dwconv(x)
        x = x.permute(0, 2, 3, 1)
        x = self.layernorm(x)
        x = self.pwconv1(x)
        x = self.act(x)
        if self.grn is not None:
            x = self.grn(x)
        x = self.pwconv2(x)
        if self.layer_scale_parameter is not None:
            x = self.layer_scale_parameter * x
        x = x.permute(0, 3, 1, 2)
        return before + self.drop_path(x)


class ConvNextStage(nn.Module):
    def __init__(self, layer_class, config, before, channels, stride, stage_rates):
        super().__init__()
        smaller = []
        if before != channels or stride > 1:
            smaller = [ChannelNorm(before, eps=1e-6), nn.Conv2d(before, channels, kernel_size=2, stride=stride)]
        self.downsampling_layer = nn.ModuleList(smaller)
        self.layers = nn.ModuleList([layer_class(config, channels, rate) for rate in stage_rates])

    def forward(self, x):
        for layer in self.downsampling_layer:
            x = layer(x)
        for layer in self.layers:
            x = layer(x)
        return x


class ConvNextEncoder(nn.Module):
    def __init__(self, layer_class, config):
        super().__init__()
        left = rates(config)
        sizes = [config.hidden_sizes[0], *config.hidden_sizes]
        self.stages = nn.ModuleList([])
        for i in range(config.num_stages):
            own, left = left[: config.depths[i]], left[config.depths[i] :]
            self.stages.append(ConvNextStage(layer_class, config, sizes[i], sizes[i + 1], 2 if i > 0 else 1, own))

    def forward(self, x):
        for stage in self.stages:
            x = stage(x)
        return x


class ConvNextModel(ImageModel):
    layer_class = ConvNextLayer

    def __init__(self, config):
        super().__init__(config)
        self.embeddings = ConvNextEmbeddings(config)
        self.encoder = ConvNextEncoder(self.layer_class, config)
        self.layernorm = nn.LayerNorm(config.hidden_sizes[-1], eps=config.layer_norm_eps)

    def forward(self, pixel_values=None, **kwargs):
        embedded = self.embeddings(pixel_values)
        x = self.encoder(embedded)
        return Output(last_hidden_state=x, pooler_output=self.layernorm(x.mean([-2, -1])))


class ConvNextForImageClassification(ImageModel):
    base, name = ConvNextModel, "convnext"

    def __init__(self, config):
        super().__init__(config)
        setattr(self, self.name, self.base(config))
        self.classifier = nn.Linear(config.hidden_sizes[-1], config.num_labels) if config.num_labels > 0 else nn.Identity()

    def forward(self, pixel_values=None, labels=None, **kwargs):
        out = getattr(self, self.name)(pixel_values)
        logits = self.classifier(out.pooler_output)
        loss = None if labels is None else classification_loss(logits, labels, self.config)
        return Output(loss=loss, logits=logits)
