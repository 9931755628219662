"""Swin: attention in windows that shift from layer to layer; between stages four patches become one."""
import math

import torch
from torch import nn

from .parts.activations import activation
from .parts.attention import attend, split_heads
from .parts.block import Block
from .parts.config import Config
from .parts.depth import DropPath, rates
from .parts.heads import ImageModel
from .parts.losses import classification_loss
from .parts.masks import is_eager
from .parts.output import Output
from .parts.patches import masked_patches, pair, resized_positions


class SwinConfig(Config):
    model_type = "swin"
    attribute_map = {"num_attention_heads": "num_heads", "num_hidden_layers": "num_layers"}
    defaults = dict(
        image_size=224,
        patch_size=4,
        num_channels=3,
        embed_dim=96,
        depths=[2, 2, 6, 2],
        num_heads=[3, 6, 12, 24],
        window_size=7,
        mlp_ratio=4.0,
        qkv_bias=True,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        drop_path_rate=0.1,
        hidden_act="gelu",
        use_absolute_embeddings=False,
        layer_norm_eps=1e-5,
        encoder_stride=32,
    )

    def complete(self, given):
        self.num_layers = len(self.depths)
        self.hidden_size = int(self.embed_dim * 2 ** (len(self.depths) - 1))
        for i, heads in enumerate(self.num_heads):
            if self.embed_dim * 2**i % heads != 0:
                raise ValueError(f"a stage's width {self.embed_dim * 2**i} is not a multiple of its {heads} heads")


class SwinPatchEmbeddings(nn.Module):
    def __init__(self, config):
        super().__init__()
        image, self.patch_size = pair(config.image_size), pair(config.patch_size)
        self.num_patches = (image[0] // self.patch_size[0]) * (image[1] // self.patch_size[1])
        self.projection = nn.Conv2d(config.num_channels, config.embed_dim, kernel_size=self.patch_size, stride=self.patch_size)

    def forward(self, x):
        height, width = x.shape[2:]
        if width % self.patch_size[1] != 0:
            x = nn.functional.pad(x, (0, self.patch_size[1] - width % self.patch_size[1]))
        if height % self.patch_size[0] != 0:
            x = nn.functional.pad(x, (0, 0, 0, self.patch_size[0] - height % self.patch_size[0]))
        x = self.projection(x)
        grid = (x.shape[2], x.shape[3])
        return x.flatten(2).transpose(1, 2), grid


class SwinEmbeddings(nn.Module):
    def __init__(self, config, masking):
        super().__init__()
        size = config.embed_dim
        self.patch_embeddings = SwinPatchEmbeddings(config)
        self.mask_token = nn.Parameter(torch.zeros(1, 1, size)) if masking else None
        count = self.patch_embeddings.num_patches
        self.position_embeddings = nn.Parameter(torch.zeros(1, count, size)) if config.use_absolute_embeddings else None
        self.norm = nn.LayerNorm(size)
        self.dropout = nn.Dropout(config.hidden_dropout_prob)

    def forward(self, pixel_values, bool_masked_pos=None, interpolate_pos_encoding=False):
        x, grid = self.patch_embeddings(pixel_values)
        x = self.norm(x)
        if bool_masked_pos is not None:
            x = masked_patches(x, self.mask_token, bool_masked_pos)
        if self.position_embeddings is not None:
            places = self.position_embeddings
            if interpolate_pos_encoding:
                places = resized_positions(places, pixel_values, self.patch_embeddings.patch_size, 0)
            x = x + places
        return self.dropout(x), grid


class SwinPatchMerging(nn.Module):
    """Four neighbours side by side, brought to twice the width."""

    def __init__(self, size):
        super().__init__()
        self.reduction = nn.Linear(4 * size, 2 * size, bias=False)
        self.norm = nn.LayerNorm(4 * size)

    def forward(self, x, grid):
        batch, _, size = x.shape
        x = x.view(batch, *grid, size)
        if grid[0] % 2 == 1 or grid[1] % 2 == 1:
            x = nn.functional.pad(x, (0, 0, 0, grid[1] % 2, 0, grid[0] % 2))
        x = torch.cat([x[:, row::2, column::2, :] for column in range(2) for row in range(2)], dim=-1)
        x = x.view(batch, -1, 4 * size)
        return self.narrowed(x)

    def narrowed(self, x):
        x = self.norm(x)
        return self.reduction(x)


class SwinRelativePositionBias(nn.Module):
    """A number for each head and each way from one place of a window to another."""

    def __init__(self, heads, window):
        super().__init__()
        self.area = window**2
        self.relative_position_bias_table = nn.Parameter(torch.zeros((2 * window - 1) ** 2, heads))
        steps = torch.arange(window)
        apart = steps[:, None] - steps[None, :] + window - 1
        index = apart[:, None, :, None] * (2 * window - 1) + apart[None, :, None, :]
        self.register_buffer("relative_position_index", index.reshape(-1), persistent=False)

    def forward(self):
        bias = self.relative_position_bias_table[self.relative_position_index]
        bias = bias.view(self.area, self.area, -1)
        return bias.permute(2, 0, 1).contiguous().unsqueeze(0)


class SwinAttention(nn.Module):
    def __init__(self, config, size, heads):
        super().__init__()
        self.config, self.head_dim = config, size // heads
        self.q_proj = nn.Linear(size, size, bias=config.qkv_bias)
        self.k_proj = nn.Linear(size, size, bias=config.qkv_bias)
        self.v_proj = nn.Linear(size, size, bias=config.qkv_bias)
        self.o_proj = nn.Linear(size, size)
        self.relative_position_bias = SwinRelativePositionBias(heads, config.window_size)

    def forward(self, x, mask=None):
        query, key, value = (split_heads(proj(x), self.head_dim) for proj in (self.q_proj, self.k_proj, self.v_proj))
        bias = self.relative_position_bias()
        if mask is not None:
            batch, length = x.shape[0] // mask.shape[0], x.shape[1]
            mask = mask.unsqueeze(1).unsqueeze(0).expand(batch, -1, -1, -1, -1).reshape(-1, 1, length, length)
            joined = bias + mask
        else:
            joined = bias
        dropout = self.config.attention_probs_dropout_prob if self.training else 0.0
        eager = is_eager(self.config)
        out, weights = attend(query, key, value, joined, scale=self.head_dim**-0.5, dropout=dropout, eager=eager)
        out = out.reshape(*x.shape[:-1], -1)
        out = self.o_proj(out)
        return out, weights


class SwinMLP(nn.Module):
    def __init__(self, config, size):
        super().__init__()
        width = int(config.mlp_ratio * size)
        self.activation_fn = activation(config.hidden_act)
        self.fc1 = nn.Linear(size, width)
        self.fc2 = nn.Linear(width, size)

    def forward(self, x):
        x = self.fc1(x)
        x = self.activation_fn(x)
        return self.fc2(x)


def windows_of(x, side):
    """`[B, H, W, C]` → `[B · windows, side, side, C]`."""
    batch, height, width, size = x.shape
    x = x.view(batch, height // side, side, width // side, side, size)
    return x.transpose(2, 3).contiguous().view(-1, side, side, size)


def whole_of(windows, side, height, width):
    size = windows.shape[-1]
    windows = windows.view(-1, height // side, width // side, side, side, size)
    return windows.transpose(2, 3).contiguous().view(-1, height, width, size)


class SwinLayer(Block):
    """Attention in windows; in every second layer they are shifted by half of one."""

    def __init__(self, config, size, heads, rate, shift):
        super().__init__()
        self.attention = SwinAttention(config, size, heads)
        self.layernorm_before = nn.LayerNorm(size, eps=config.layer_norm_eps)
        self.layernorm_after = nn.LayerNorm(size, eps=config.layer_norm_eps)
        self.mlp = SwinMLP(config, size)
        self.dropout = nn.Dropout(config.hidden_dropout_prob)
        self.drop_path = DropPath(rate) if rate > 0.0 else nn.Identity()
        self.side, self.shift = config.window_size, shift

    def shifted(self, x, direction):
        if self.shift > 0:
            x = torch.roll(x, shifts=(direction * self.shift, direction * self.shift), dims=(1, 2))
        return x

    def mask(self, height, width, like):
        """What keeps apart patches that the shift brought together: -100 where they do not belong."""
        if self.shift <= 0:
            return None
        rows, columns = torch.arange(height, device=like.device), torch.arange(width, device=like.device)
        rows = (rows >= height - self.side).long() + (rows >= height - self.shift).long()
        columns = (columns >= width - self.side).long() + (columns >= width - self.shift).long()
        regions = (rows[None, :, None, None] * 3 + columns[None, None, :, None]).to(like.dtype)
        regions = windows_of(regions, self.side).view(-1, self.side * self.side)
        apart = regions.unsqueeze(1) - regions.unsqueeze(2)
        return apart.masked_fill(apart != 0, -100.0).masked_fill(apart == 0, 0.0)

    def forward(self, x, grid):
        if min(grid) <= self.side:
            self.side, self.shift = min(grid), 0
        side, (height, width) = self.side, grid
        batch, _, size = x.size()
        before = x
        x = self.layernorm_before(x)
        x = x.view(batch, height, width, size)
        right, below = (side - width % side) % side, (side - height % side) % side
        x = nn.functional.pad(x, (0, 0, 0, right, 0, below))
        windows = windows_of(self.shifted(x, -1), side)
        windows = windows.view(-1, side * side, size)
        mask = self.mask(height + below, width + right, x)
        out, weights = self.attention(windows, mask)
        out = self.dropout(out)
        joined = out.view(-1, side, side, size)
        joined = self.shifted(whole_of(joined, side, height + below, width + right), 1)
        if right > 0 or below > 0:
            joined = joined[:, :height, :width, :].contiguous()
        joined = joined.view(batch, height * width, size)
        x = before + self.drop_path(joined)
        residual = x
        x = self.layernorm_after(x)
        x = self.mlp(x)
        x = self.dropout(x) + residual
        return x, weights


class SwinStage(Block):
    def __init__(self, config, index):
        super().__init__()
        size = config.embed_dim * 2**index
        start = sum(config.depths[:index])
        own = rates(config)[start : start + config.depths[index]]
        half = config.window_size // 2
        self.blocks = nn.ModuleList(
            [SwinLayer(config, size, config.num_heads[index], rate, half * (i % 2)) for i, rate in enumerate(own)]
        )
        self.downsample = SwinPatchMerging(size) if index + 1 < len(config.depths) else None

    def forward(self, x, grid):
        weights = None
        for block in self.blocks:
            x, weights = block(x, grid)
        before = x
        if self.downsample is not None:
            x = self.downsample(before, grid)
            grid = ((grid[0] + 1) // 2, (grid[1] + 1) // 2)
        image = x.view(x.shape[0], *grid, x.shape[2]).permute(0, 3, 1, 2).contiguous()
        return x, image, grid


class SwinEncoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.layers = nn.ModuleList([SwinStage(config, i) for i in range(len(config.depths))])

    def forward(self, x, grid):
        for layer in self.layers:
            x, image, grid = layer(x, grid)
        return x


class SwinModel(ImageModel):
    def __init__(self, config, pooling=True, masking=False):
        super().__init__(config)
        self.embeddings = SwinEmbeddings(config, masking)
        self.encoder = SwinEncoder(config)
        self.layernorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.pooler = nn.AdaptiveAvgPool1d(1) if pooling else None

    def forward(self, pixel_values=None, bool_masked_pos=None, interpolate_pos_encoding=False, **kwargs):
        embedded, grid = self.embeddings(pixel_values, bool_masked_pos, interpolate_pos_encoding)
        encoded = self.encoder(embedded, grid)
        x = self.layernorm(encoded)
        pooled = None if self.pooler is None else torch.flatten(self.pooler(x.transpose(1, 2)), 1)
        return Output(last_hidden_state=x, pooler_output=pooled)


class SwinForMaskedImageModeling(ImageModel):
    base, name = SwinModel, "swin"

    def __init__(self, config):
        super().__init__(config)
        setattr(self, self.name, self.base(config, pooling=False, masking=True))
        last = nn.Conv2d(config.hidden_size, config.encoder_stride**2 * config.num_channels, kernel_size=1)
        self.decoder = nn.Sequential(last, nn.PixelShuffle(config.encoder_stride))

    def forward(self, pixel_values=None, bool_masked_pos=None, **kwargs):
        out = getattr(self, self.name)(pixel_values, bool_masked_pos)
        x = out.last_hidden_state.transpose(1, 2)
        side = math.floor(x.shape[2] ** 0.5)
        image = self.decoder(x.reshape(x.shape[0], x.shape[1], side, side))
        loss = None
        if bool_masked_pos is not None:
            patch = self.config.patch_size
            mask = bool_masked_pos.reshape(-1, *[self.config.image_size // patch] * 2)
            mask = mask.repeat_interleave(patch, 1).repeat_interleave(patch, 2).unsqueeze(1).contiguous()
            difference = nn.functional.l1_loss(pixel_values, image, reduction="none")
            loss = (difference * mask).sum() / (mask.sum() + 1e-5) / self.config.num_channels
        return Output(loss=loss, reconstruction=image)


class SwinForImageClassification(ImageModel):
    base, name = SwinModel, "swin"

    def __init__(self, config):
        super().__init__(config)
        setattr(self, self.name, self.base(config))
        self.classifier = nn.Linear(config.hidden_size, config.num_labels) if config.num_labels > 0 else nn.Identity()

    def forward(self, pixel_values=None, labels=None, **kwargs):
        out = getattr(self, self.name)(pixel_values)
        logits = self.classifier(out.pooler_output)
        loss = None if labels is None else classification_loss(logits, labels, self.config)
        return Output(loss=loss, logits=logits)
