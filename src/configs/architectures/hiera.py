"""Hiera: a plain hierarchy of transformer stages, whose first ones attend within units of the image."""
import math

import torch
from torch import nn

from .parts.activations import activation
from .parts.backbone import wanted_stages
from .parts.block import Block
from .parts.config import Config
from .parts.depth import DropPath, rates
from .parts.heads import ImageModel
from .parts.losses import classification_loss
from .parts.output import Output


class HieraConfig(Config):
    model_type = "hiera"
    attribute_map = {"num_hidden_layers": "num_layers"}
    defaults = dict(
        embed_dim=96,
        image_size=[224, 224],
        patch_size=[7, 7],
        patch_stride=[4, 4],
        patch_padding=[3, 3],
        mlp_ratio=4.0,
        depths=[2, 3, 16, 3],
        num_heads=[1, 2, 4, 8],
        embed_dim_multiplier=2.0,
        num_query_pool=3,
        query_stride=[2, 2],
        masked_unit_size=[8, 8],
        masked_unit_attention=[True, True, False, False],
        drop_path_rate=0.0,
        num_channels=3,
        hidden_act="gelu",
        layer_norm_eps=1e-6,
        normalize_pixel_loss=True,
        mask_ratio=0.6,
    )

    def complete(self, given):
        last = len(self.depths) - 1
        self.widths = [int(self.embed_dim * self.embed_dim_multiplier**i) for i in range(last + 1)]
        self.hidden_size = self.widths[-1]
        self.grid = divided(self.image_size, self.patch_stride)
        if len(self.patch_size) != 2:
            raise ValueError(f"patch_size has {len(self.patch_size)} sides, but an image has 2")
        unit, stride = self.masked_unit_size[0], self.query_stride[0]
        if unit % stride**last != 0:
            raise ValueError(f"masked_unit_size {unit} is not a multiple of query_stride {stride} to the power of {last}")
        if self.num_query_pool > last:
            raise ValueError(f"num_query_pool {self.num_query_pool} is not less than the number of stages {last + 1}")


def divided(sizes, steps):
    return [size // step for size, step in zip(sizes, steps)]


class HieraPatchEmbeddings(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.projection = nn.Conv2d(
            config.num_channels, config.embed_dim, config.patch_size, stride=config.patch_stride, padding=config.patch_padding
        )

    def forward(self, image):
        x = self.projection(image)
        return x.flatten(2).transpose(2, 1)


class HieraEmbeddings(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.patch_embeddings = HieraPatchEmbeddings(config)
        self.position_embeddings = nn.Parameter(torch.zeros(1, math.prod(config.grid), config.embed_dim))

    def forward(self, image):
        x = self.patch_embeddings(image)
        return x + self.position_embeddings


class HieraAttention(nn.Module):
    """Over all tokens, or within units; with a `stride` above 1 each query is the largest of so many."""

    def __init__(self, before, size, heads, stride, window, local):
        super().__init__()
        self.size, self.heads, self.width, self.stride = size, heads, size // heads, stride
        self.qkv = nn.Linear(before, 3 * size)
        self.proj = nn.Linear(size, size)
        self.window, self.local = window, local

    def forward(self, x):
        batch, length, _ = x.shape
        units = length // (self.stride * self.window) if self.local else 1
        joined = self.qkv(x)
        joined = joined.reshape(batch, -1, units, 3, self.heads, self.width)
        joined = joined.permute(3, 0, 4, 2, 1, 5)
        query, key, value = joined.unbind(0)
        if self.stride > 1:
            query = query.view(batch, self.heads, units, self.stride, -1, self.width)
            query = query.max(dim=3).values
        weights = (query * self.width**-0.5) @ key.transpose(-1, -2)
        weights = weights.softmax(dim=-1)
        out = weights @ value
        out = out.transpose(1, 3).reshape(batch, -1, self.size)
        return self.proj(out)


class HieraMLP(nn.Module):
    def __init__(self, config, size):
        super().__init__()
        width = int(size * config.mlp_ratio)
        self.activation_fn = activation(config.hidden_act)
        self.fc1 = nn.Linear(size, width)
        self.fc2 = nn.Linear(width, size)

    def forward(self, x):
        x = self.fc1(x)
        x = self.activation_fn(x)
        return self.fc2(x)


class HieraLayer(nn.Module):
    def __init__(self, config, before, size, heads, rate, stride, window, local):
        super().__init__()
        self.size, self.stride = size, stride
        self.layernorm_before = nn.LayerNorm(before, eps=config.layer_norm_eps)
        self.attn = HieraAttention(before, size, heads, stride, window, local)
        self.layernorm_after = nn.LayerNorm(size, eps=config.layer_norm_eps)
        self.mlp = HieraMLP(config, size)
        self.drop_path = DropPath(rate) if rate > 0 else nn.Identity()
        self.proj = nn.Linear(before, size) if before != size else None

    def forward(self, x):
        normed = self.layernorm_before(x)
        if self.proj is not None:
            x = self.proj(normed)
            x = x.view(x.shape[0], self.stride, -1, self.size).max(dim=1).values
        normed = self.attn(normed)
        x = x + self.drop_path(normed)
        before = x
        x = self.layernorm_after(x)
        x = self.mlp(x)
        return before + self.drop_path(x)


class HieraStage(Block):
    def __init__(self, layers):
        super().__init__()
        self.layers = nn.ModuleList(layers)

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


def whole(x, grid, unit):
    """Units `[B, units, *unit, C]` as one image `[B, *grid, C]`."""
    x = x.view(x.shape[0], *divided(grid, unit), *unit, x.shape[-1])
    x = x.permute(0, 1, 3, 2, 4, 5)
    return x.reshape(x.shape[0], *grid, x.shape[-1])


class HieraEncoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        pool, own, start = math.prod(config.query_stride), rates(config), 0
        self.stages = nn.ModuleList([])
        for i, depth in enumerate(config.depths):
            window, local = int(math.prod(config.masked_unit_size) * pool ** (-i)), config.masked_unit_attention
            layers = []
            for j in range(depth):
                first = j == 0
                before = config.widths[i - 1] if first and i > 0 else config.widths[i]
                stride = pool if first and 0 < i <= config.num_query_pool else 1
                near = local[i] or (first and local[max(i - 1, 0)])
                layers.append(HieraLayer(config, before, config.widths[i], config.num_heads[i], own[start + j], stride, window, near))
            start += depth
            self.stages.append(HieraStage(layers))

    def image(self, x, stage, masked=False):
        """A stage's tokens in the image's order, `[B, rows, columns, C]`; their units, `[B, units, …, C]`, where some are masked."""
        config, unit = self.config, [1, 1]
        done = min(stage, config.num_query_pool)
        batch, length, size = x.shape
        for strides in [config.query_stride] * (len(config.depths) - 1 - done):
            x = x.view(batch, *strides, length // math.prod(strides), *unit, size)
            x = x.permute(0, 3, 1, 4, 2, 5, 6)
            unit = [side * step for side, step in zip(unit, strides)]
            x = x.reshape(batch, -1, *unit, size)
            length = x.shape[1]
        x = x.view(batch, length, *unit, size)
        grid = [side // step**done for side, step in zip(config.grid, config.query_stride)]
        return x if masked else whole(x, grid, unit)

    def forward(self, x, states=None):
        """`states`: a list for what the first stage reads and what each gives, as tokens and as image."""
        if states is not None:
            states.append((x, self.image(x, 0)))
        for i, stage in enumerate(self.stages):
            x = stage(x)
            if states is not None:
                states.append((x, self.image(x, i)))
        return x


class HieraPooler(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.layernorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.pooler = nn.AdaptiveAvgPool1d(1)

    def forward(self, x):
        x = x.transpose(1, 2)
        x = self.pooler(x)
        x = torch.flatten(x, 1)
        return self.layernorm(x)


def unrolled(x, config):
    """Tokens so ordered that those of a unit, and of each part of it that is pooled, are neighbours."""
    grid, batch, size = config.grid, x.shape[0], x.shape[2]
    x = x.view(batch, *grid, size)
    for strides in [config.query_stride] * (len(config.depths) - 1):
        grid = divided(grid, strides)
        x = x.view(batch, grid[0], strides[0], grid[1], strides[1], size)
        x = x.permute(0, 2, 4, 1, 3, 5)
        x = x.flatten(0, 2)
        batch *= math.prod(strides)
    return x.reshape(-1, math.prod(config.grid), size)


class HieraModel(ImageModel):
    def __init__(self, config, pooling=True):
        super().__init__(config)
        self.embeddings = HieraEmbeddings(config)
        self.encoder = HieraEncoder(config)
        self.pooler = HieraPooler(config) if pooling else None

    def forward(self, pixel_values=None, **kwargs):
        embedded = self.embeddings(pixel_values)
        x = unrolled(embedded, self.config)
        encoded = self.encoder(x)
        pooled = None if self.pooler is None else self.pooler(encoded)
        return Output(last_hidden_state=encoded, pooler_output=pooled)


class HieraForImageClassification(ImageModel):
    def __init__(self, config):
        super().__init__(config)
        self.hiera = HieraModel(config)
        self.classifier = nn.Linear(config.hidden_size, config.num_labels) if config.num_labels > 0 else nn.Identity()

    def forward(self, pixel_values=None, labels=None, **kwargs):
        out = self.hiera(pixel_values)
        logits = self.classifier(out.pooler_output)
        loss = None if labels is None else classification_loss(logits, labels, self.config)
        return Output(loss=loss, logits=logits)


class HieraBackbone(ImageModel):
    """The normed maps of the stages that `out_features` or `out_indices` name; the last alone where they name none."""

    def __init__(self, config):
        super().__init__(config)
        self.embeddings = HieraEmbeddings(config)
        self.encoder = HieraEncoder(config)
        names, widths = ["stem"] + [f"stage{i + 1}" for i in range(len(config.depths))], [config.embed_dim, *config.widths]
        self.wanted = {i: names[i] for i in wanted_stages(config, names)}
        self.channels = [widths[i] for i in self.wanted]
        self.hidden_states_norms = nn.ModuleDict({name: nn.LayerNorm(widths[i]) for i, name in self.wanted.items()})

    def forward(self, pixel_values=None, states=None, **kwargs):
        states, maps = [] if states is None else states, ()
        embedded = self.embeddings(pixel_values)
        self.encoder(embedded, states)
        for i, (_, state) in enumerate(states):
            if i in self.wanted:
                batch, height, width, size = state.shape
                state = self.hidden_states_norms[self.wanted[i]](state.view(batch, height * width, size))
                maps += (state.view(batch, height, width, size).permute(0, 3, 1, 2).contiguous(),)
        return Output(feature_maps=maps)
