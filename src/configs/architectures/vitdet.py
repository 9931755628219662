"""ViTDet: a plain ViT for detection, most of whose layers attend within windows."""
import math

import torch
from torch import nn

from .parts.activations import activation
from .parts.backbone import wanted_stages
from .parts.block import Block
from .parts.config import Config
from .parts.depth import DropPath, rates
from .parts.heads import ImageModel
from .parts.output import Output
from .parts.patches import pair


class VitDetConfig(Config):
    model_type = "vitdet"
    defaults = dict(
        hidden_size=768,
        num_hidden_layers=12,
        num_attention_heads=12,
        mlp_ratio=4,
        hidden_act="gelu",
        dropout_prob=0.0,
        layer_norm_eps=1e-6,
        image_size=224,
        pretrain_image_size=224,
        patch_size=16,
        num_channels=3,
        qkv_bias=True,
        drop_path_rate=0.0,
        window_block_indices=[],
        residual_block_indices=[],
        use_absolute_position_embeddings=True,
        use_relative_position_embeddings=False,
        window_size=0,
    )


class VitDetEmbeddings(nn.Module):
    """`[B, C, H, W]` → `[B, hidden, rows, columns]`."""

    def __init__(self, config):
        super().__init__()
        image, patch = pair(config.pretrain_image_size), pair(config.patch_size)
        count = (image[0] // patch[0]) * (image[1] // patch[1]) + 1
        absolute = config.use_absolute_position_embeddings
        self.position_embeddings = nn.Parameter(torch.zeros(1, count, config.hidden_size)) if absolute else None
        self.channels = config.num_channels
        self.projection = nn.Conv2d(config.num_channels, config.hidden_size, kernel_size=patch, stride=patch)

    def places(self, height, width):
        places = self.position_embeddings[:, 1:]
        side = int(math.sqrt(places.shape[1]))
        if side * side != places.shape[1]:
            raise ValueError(f"pretrain_image_size gives {places.shape[1]} positions, which are no square")
        if side == height and side == width:
            return places.reshape(1, height, width, -1)
        grid = places.reshape(1, side, side, -1).permute(0, 3, 1, 2)
        grid = nn.functional.interpolate(grid, size=(height, width), mode="bicubic", align_corners=False)
        return grid.permute(0, 2, 3, 1)

    def forward(self, image):
        if image.shape[1] != self.channels:
            raise ValueError(f"the image has {image.shape[1]} channels, but num_channels is {self.channels}")
        x = self.projection(image)
        if self.position_embeddings is not None:
            x = x.permute(0, 2, 3, 1)
            x = x + self.places(x.shape[1], x.shape[2])
            x = x.permute(0, 3, 1, 2)
        return x


def distance_vectors(count, table):
    """`[count, count, width]`: a learned vector for each distance between two places along one axis."""
    reach = 2 * count - 1
    if table.shape[0] != reach:
        table = table.reshape(1, table.shape[0], -1).permute(0, 2, 1)
        table = nn.functional.interpolate(table, size=reach, mode="linear").reshape(-1, reach).permute(1, 0)
    rows = torch.arange(count)[:, None] * 1.0
    columns = torch.arange(count)[None, :] * 1.0
    return table[((rows - columns) + (count - 1) * 1.0).long()]


class VitDetAttention(nn.Module):
    """Over a grid; the scores are shifted by how far rows and columns are apart where the config says it."""

    def __init__(self, config, grid):
        super().__init__()
        size, self.heads = config.hidden_size, config.num_attention_heads
        width = size // self.heads
        self.scale = width**-0.5
        self.qkv = nn.Linear(size, size * 3, bias=config.qkv_bias)
        self.proj = nn.Linear(size, size)
        self.relative = config.use_relative_position_embeddings
        if self.relative:
            self.rel_pos_h = nn.Parameter(torch.zeros(2 * grid[0] - 1, width))
            self.rel_pos_w = nn.Parameter(torch.zeros(2 * grid[1] - 1, width))

    def shifted(self, scores, query, height, width):
        rows, columns = distance_vectors(height, self.rel_pos_h), distance_vectors(width, self.rel_pos_w)
        places = query.reshape(query.shape[0], height, width, query.shape[2])
        rows = torch.einsum("bhwc,hkc->bhwk", places, rows)
        columns = torch.einsum("bhwc,wkc->bhwk", places, columns)
        scores = scores.view(-1, height, width, height, width) + rows[:, :, :, :, None] + columns[:, :, :, None, :]
        return scores.view(-1, height * width, height * width)

    def forward(self, x):
        batch, height, width, _ = x.shape
        joined = self.qkv(x).reshape(batch, height * width, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        query, key, value = joined.reshape(3, batch * self.heads, height * width, -1).unbind(0)
        scores = (query * self.scale) @ key.transpose(-2, -1)
        if self.relative:
            scores = self.shifted(scores, query, height, width)
        weights = scores.softmax(dim=-1)
        x = weights @ value
        x = x.view(batch, self.heads, height, width, -1)
        x = x.permute(0, 2, 3, 1, 4)
        x = x.reshape(batch, height, width, -1)
        x = self.proj(x)
        return x


class ChannelNorm(nn.Module):
    """Layer norm over the channels of a map, written out."""

    def __init__(self, size):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.bias = nn.Parameter(torch.zeros(size))

    def forward(self, x):
        mean = x.mean(1, keepdim=True)
        variance = (x - mean).pow(2).mean(1, keepdim=True)
        x = (x - mean) / torch.sqrt(variance + 1e-6)
        return self.weight[:, None, None] * x + self.bias[:, None, None]


class VitDetBottleneck(nn.Module):
    """Three convolutions, the inner one of half the width, around which the map is added."""

    def __init__(self, config):
        super().__init__()
        size, inner = config.hidden_size, config.hidden_size // 2
        self.conv1 = nn.Conv2d(size, inner, 1, bias=False)
        self.norm1 = ChannelNorm(inner)
        self.act1 = activation(config.hidden_act)
        self.conv2 = nn.Conv2d(inner, inner, 3, padding=1, bias=False)
        self.norm2 = ChannelNorm(inner)
        self.act2 = activation(config.hidden_act)
        self.conv3 = nn.Conv2d(inner, size, 1, bias=False)
        self.norm3 = ChannelNorm(size)

    def forward(self, x):
        out = x
        for layer in self.children():
            out = layer(out)
        return x + out


class VitDetMLP(nn.Module):
    def __init__(self, config):
        super().__init__()
        size = config.hidden_size
        self.fc1 = nn.Linear(size, int(size * config.mlp_ratio))
        self.act = activation(config.hidden_act)
        self.fc2 = nn.Linear(int(size * config.mlp_ratio), size)
        self.drop = nn.Dropout(config.dropout_prob)

    def forward(self, x):
        x = self.fc1(x)
        x = self.act(x)
        x = self.drop(x)
        x = self.fc2(x)
        return self.drop(x)


def cut(x, side):
    """`[B, H, W, C]`, padded, → `[B · windows, side, side, C]`."""
    below, right = -x.shape[1] % side, -x.shape[2] % side
    x = nn.functional.pad(x, (0, 0, 0, right, 0, below))
    batch, height, width, size = x.shape
    x = x.view(batch, height // side, side, width // side, side, size)
    return x.permute(0, 1, 3, 2, 4, 5).contiguous().view(-1, side, side, size)


def joined(windows, side, height, width):
    """The windows as one map, without its padding."""
    rows, columns = -(-height // side), -(-width // side)
    x = windows.view(windows.shape[0] // (rows * columns), rows, columns, side, side, -1)
    x = x.permute(0, 1, 3, 2, 4, 5).contiguous()
    x = x.view(x.shape[0], rows * side, columns * side, -1)
    return x[:, :height, :width, :].contiguous()


class VitDetLayer(Block):
    def __init__(self, config, rate, window, convolves):
        super().__init__()
        image, patch = pair(config.image_size), pair(config.patch_size)
        grid = (window, window) if window > 0 else (image[0] // patch[0], image[1] // patch[1])
        self.norm1 = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.attention = VitDetAttention(config, grid)
        self.drop_path = DropPath(rate) if rate > 0.0 else nn.Identity()
        self.norm2 = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.mlp = VitDetMLP(config)
        self.window = window
        self.residual = VitDetBottleneck(config) if convolves else None

    def forward(self, x):
        x = x.permute(0, 2, 3, 1)
        before = x
        x = self.norm1(x)
        height, width = x.shape[1:3]
        if self.window > 0:
            x = cut(x, self.window)
        out = self.attention(x)
        x = out
        if self.window > 0:
            x = joined(x, self.window, height, width)
        x = before + self.drop_path(x)
        x = x + self.drop_path(self.mlp(self.norm2(x)))
        x = x.permute(0, 3, 1, 2)
        return x if self.residual is None else self.residual(x)


class VitDetEncoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        windows = [config.window_size if i in config.window_block_indices else 0 for i in range(config.num_hidden_layers)]
        self.layer = nn.ModuleList(
            [
                VitDetLayer(config, rate, windows[i], i in config.residual_block_indices)
                for i, rate in enumerate(rates(config, config.num_hidden_layers))
            ]
        )

    def forward(self, x, states=None):
        """`states`: a list for what each layer reads and what the last one gives."""
        for layer in self.layer:
            if states is not None:
                states.append(x)
            x = layer(x)
        if states is not None:
            states.append(x)
        return x


class VitDetModel(ImageModel):
    def __init__(self, config):
        super().__init__(config)
        self.embeddings = VitDetEmbeddings(config)
        self.encoder = VitDetEncoder(config)

    def forward(self, pixel_values=None, **kwargs):
        embedded = self.embeddings(pixel_values)
        return Output(last_hidden_state=self.encoder(embedded))


class VitDetBackbone(ImageModel):
    """The maps of the stages that `out_features` or `out_indices` name; the last alone where they name none."""

    def __init__(self, config):
        super().__init__(config)
        self.embeddings = VitDetEmbeddings(config)
        self.encoder = VitDetEncoder(config)
        self.wanted = wanted_stages(config, ["stem"] + [f"stage{i + 1}" for i in range(config.num_hidden_layers)])
        self.channels = [config.hidden_size for _ in self.wanted]

    def forward(self, pixel_values=None, states=None, **kwargs):
        states = [] if states is None else states
        embedded = self.embeddings(pixel_values)
        self.encoder(embedded, states)
        return Output(feature_maps=tuple(state for i, state in enumerate(states) if i in self.wanted))
