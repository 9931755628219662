"""PoolFormer: a vision transformer in four stages whose token mixer is average pooling."""
import torch
from torch import nn

from .parts.activations import activation
from .parts.config import Config
from .parts.depth import DropPath, rates
from .parts.heads import ImageModel
from .parts.losses import classification_loss
from .parts.output import Output
from .parts.patches import pair


class PoolFormerConfig(Config):
    model_type = "poolformer"
    defaults = dict(
        num_channels=3,
        image_size=224,
        pool_size=3,
        mlp_ratio=4.0,
        depths=[2, 2, 6, 2],
        hidden_sizes=[64, 128, 320, 512],
        patch_sizes=[7, 3, 3, 3],
        strides=[4, 2, 2, 2],
        padding=[2, 1, 1, 1],
        num_encoder_blocks=4,
        drop_path_rate=0.0,
        hidden_act="gelu",
        use_layer_scale=True,
        layer_scale_init_value=1e-5,
    )


class PoolFormerEmbeddings(nn.Module):
    def __init__(self, channels, size, patch, stride, padding):
        super().__init__()
        self.projection = nn.Conv2d(channels, size, kernel_size=pair(patch), stride=pair(stride), padding=pair(padding))
        self.norm = nn.Identity()

    def forward(self, x):
        return self.norm(self.projection(x))


class PoolFormerPooling(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.pool = nn.AvgPool2d(size, stride=1, padding=size // 2, count_include_pad=False)

    def forward(self, x):
        return self.pool(x) - x


class PoolFormerOutput(nn.Module):
    def __init__(self, config, rate, size):
        super().__init__()
        width = int(size * config.mlp_ratio)
        self.conv1 = nn.Conv2d(size, width, 1)
        self.conv2 = nn.Conv2d(width, size, 1)
        self.drop = DropPath(rate)
        self.act_fn = activation(config.hidden_act)

    def forward(self, x):
        return self.drop(self.conv2(self.drop(self.act_fn(self.conv1(x)))))


class PoolFormerLayer(nn.Module):
    """Pooling and a feed-forward, each behind a norm of one group, scaled channel by channel."""

    def __init__(self, config, size, rate):
        super().__init__()
        self.pooling = PoolFormerPooling(config.pool_size)
        self.output = PoolFormerOutput(config, rate, size)
        self.before_norm = nn.GroupNorm(1, size)
        self.after_norm = nn.GroupNorm(1, size)
        self.drop_path = DropPath(rate) if rate > 0.0 else nn.Identity()
        self.scaled = config.use_layer_scale
        if self.scaled:
            self.layer_scale_1 = nn.Parameter(config.layer_scale_init_value * torch.ones(size))
            self.layer_scale_2 = nn.Parameter(config.layer_scale_init_value * torch.ones(size))

    def forward(self, x):
        if not self.scaled:
            x = self.drop_path(self.pooling(self.before_norm(x))) + x
            return x + self.drop_path(self.output(self.after_norm(x)))
        pooled = self.pooling(self.before_norm(x))
        scaled = self.layer_scale_1.unsqueeze(-1).unsqueeze(-1) * pooled
        x = x + self.drop_path(scaled)
        fed = self.output(self.after_norm(x))
        scaled = self.layer_scale_2.unsqueeze(-1).unsqueeze(-1) * fed
        return x + self.drop_path(scaled)


class PoolFormerEncoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        stages, sizes = range(config.num_encoder_blocks), [config.num_channels, *config.hidden_sizes]
        self.patch_embeddings = nn.ModuleList(
            [PoolFormerEmbeddings(sizes[i], sizes[i + 1], config.patch_sizes[i], config.strides[i], config.padding[i]) for i in stages]
        )
        left = iter(rates(config))
        self.block = nn.ModuleList(
            [nn.ModuleList([PoolFormerLayer(config, sizes[i + 1], next(left)) for _ in range(config.depths[i])]) for i in stages]
        )

    def forward(self, x):
        for embed, layers in zip(self.patch_embeddings, self.block):
            x = embed(x)
            for layer in layers:
                out = layer(x)
                x = out
        return x


class PoolFormerModel(ImageModel):
    def __init__(self, config):
        super().__init__(config)
        self.encoder = PoolFormerEncoder(config)

    def forward(self, pixel_values=None, **kwargs):
        return Output(last_hidden_state=self.encoder(pixel_values))


class PoolFormerForImageClassification(ImageModel):
    def __init__(self, config):
        super().__init__(config)
        self.poolformer = PoolFormerModel(config)
        self.norm = nn.GroupNorm(1, config.hidden_sizes[-1])
        self.classifier = nn.Linear(config.hidden_sizes[-1], config.num_labels) if config.num_labels > 0 else nn.Identity()

    def forward(self, pixel_values=None, labels=None, **kwargs):
        x = self.poolformer(pixel_values).last_hidden_state
        logits = self.classifier(self.norm(x).mean([-2, -1]))
        loss = None if labels is None else classification_loss(logits, labels, self.config)
        return Output(loss=loss, logits=logits)
