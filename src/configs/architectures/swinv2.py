"""Swin v2: attention by cosines, biases from a small network over distances, and norms behind each half."""
import math

import torch
from torch import nn

from .parts.backbone import wanted_stages
from .parts.block import Block
from .parts.dense import Dense, Widened
from .parts.depth import DropPath, rates
from .parts.heads import ImageModel
from .parts.output import Output
from .parts.patches import pair
from .swin import SwinConfig, SwinEmbeddings, SwinForImageClassification, SwinForMaskedImageModeling, SwinPatchMerging, whole_of, windows_of


class Swinv2Config(SwinConfig):
    model_type = "swinv2"
    defaults = {**SwinConfig.defaults, "pretrained_window_sizes": [0, 0, 0, 0]}


class Swinv2Embeddings(SwinEmbeddings):
    def __init__(self, config, masking=False):
        super().__init__(config, masking)
        if config.use_absolute_embeddings:
            count = self.patch_embeddings.num_patches + 1
            self.position_embeddings = nn.Parameter(torch.zeros(1, count, config.embed_dim))


class Swinv2PatchMerging(SwinPatchMerging):
    """Four neighbours as one, normed when they are narrowed already."""

    def __init__(self, size):
        super().__init__(size)
        self.norm = nn.LayerNorm(2 * size)

    def narrowed(self, x):
        x = self.reduction(x)
        return self.norm(x)


def distances(window, trained):
    """`[1, steps, steps, 2]`: how far two places are apart, from -1 to 1 at the size it was trained with, by logarithm."""
    steps = torch.arange(-(window - 1), window, dtype=torch.int64).float()
    table = torch.stack(torch.meshgrid([steps, steps], indexing="ij")).permute(1, 2, 0).contiguous().unsqueeze(0)
    if trained > 0:
        table = table / (trained - 1)
    elif window > 1:
        table = table / (window - 1)
    table = table * 8
    return torch.sign(table) * torch.log2(torch.abs(table) + 1.0) / math.log2(8)


def distance_index(window):
    """`[places, places]`: which entry of the distances belongs to two places of a window."""
    steps = torch.arange(window)
    apart = steps[:, None] - steps[None, :] + window - 1
    index = apart[:, None, :, None] * (2 * window - 1) + apart[None, :, None, :]
    return index.reshape(window * window, window * window)


class Swinv2SelfAttention(nn.Module):
    def __init__(self, config, size, heads, window, trained):
        super().__init__()
        self.heads, self.width, self.area = heads, size // heads, window * window
        self.logit_scale = nn.Parameter(torch.log(10 * torch.ones((heads, 1, 1))))
        self.continuous_position_bias_mlp = nn.Sequential(
            nn.Linear(2, 512), nn.ReLU(inplace=True), nn.Linear(512, heads, bias=False)
        )
        table = distances(window, trained).to(next(self.continuous_position_bias_mlp.parameters()).dtype)
        self.register_buffer("relative_coords_table", table, persistent=False)
        self.register_buffer("relative_position_index", distance_index(window), persistent=False)
        self.query = nn.Linear(size, size, bias=config.qkv_bias)
        self.key = nn.Linear(size, size, bias=False)
        self.value = nn.Linear(size, size, bias=config.qkv_bias)
        self.dropout = nn.Dropout(config.attention_probs_dropout_prob)

    def forward(self, x, mask):
        batch, length, _ = x.shape
        query = self.query(x).view(batch, -1, self.heads, self.width).transpose(1, 2)
        key = self.key(x).view(batch, -1, self.heads, self.width).transpose(1, 2)
        value = self.value(x).view(batch, -1, self.heads, self.width).transpose(1, 2)
        normalize = nn.functional.normalize
        scores = normalize(query, dim=-1) @ normalize(key, dim=-1).transpose(-2, -1)
        scale = torch.clamp(self.logit_scale, max=math.log(1.0 / 0.01)).exp()
        scores = scores * scale
        table = self.continuous_position_bias_mlp(self.relative_coords_table).view(-1, self.heads)
        bias = table[self.relative_position_index.view(-1)].view(self.area, self.area, -1)
        bias = bias.permute(2, 0, 1).contiguous()
        bias = 16 * torch.sigmoid(bias)
        scores = scores + bias.unsqueeze(0)
        if mask is not None:
            count, apart = mask.shape[0], mask.unsqueeze(1).unsqueeze(0)
            scores = scores.view(batch // count, count, self.heads, length, length) + apart
            scores = scores + apart
            scores = scores.view(-1, self.heads, length, length)
        weights = nn.functional.softmax(scores, dim=-1)
        weights = self.dropout(weights)
        out = torch.matmul(weights, value)
        out = out.permute(0, 2, 1, 3).contiguous()
        return out.view(batch, length, -1)


class Swinv2Attention(nn.Module):
    def __init__(self, config, size, heads, window, trained):
        super().__init__()
        self.self = Swinv2SelfAttention(config, size, heads, window, trained)
        self.output = Dense(size, size, config.attention_probs_dropout_prob)

    def forward(self, x, mask):
        out = self.self(x, mask)
        return self.output(out)


class Swinv2Layer(nn.Module):
    """Attention in windows, in every second layer shifted by half of one; a map smaller than a window is one."""

    def __init__(self, config, size, heads, grid, rate, shift, trained):
        super().__init__()
        self.side = min(grid[0], config.window_size)
        self.shift = 0 if grid[0] <= self.side else shift
        width = int(config.mlp_ratio * size)
        self.attention = Swinv2Attention(config, size, heads, self.side, trained)
        self.layernorm_before = nn.LayerNorm(size, eps=config.layer_norm_eps)
        self.drop_path = DropPath(rate) if rate > 0.0 else nn.Identity()
        self.intermediate = Widened(config, size, width)
        self.output = Dense(width, size, config.hidden_dropout_prob)
        self.layernorm_after = nn.LayerNorm(size, eps=config.layer_norm_eps)

    def mask(self, height, width, dtype):
        """What keeps apart patches that the shift brought together: -100 where they do not belong."""
        if self.shift <= 0:
            return None
        rows, columns = torch.arange(height), torch.arange(width)
        rows = (rows >= height - self.side).long() + (rows >= height - self.shift).long()
        columns = (columns >= width - self.side).long() + (columns >= width - self.shift).long()
        regions = (rows[None, :, None, None] * 3 + columns[None, None, :, None]).to(dtype)
        regions = windows_of(regions, self.side).view(-1, self.side * self.side)
        apart = regions.unsqueeze(1) - regions.unsqueeze(2)
        return apart.masked_fill(apart != 0, -100.0).masked_fill(apart == 0, 0.0)

    def shifted(self, x, steps):
        return torch.roll(x, shifts=(steps, steps), dims=(1, 2)) if self.shift > 0 else x

    def forward(self, x, grid):
        side, (height, width) = self.side, grid
        batch, _, size = x.size()
        before = x
        right, below = -width % side, -height % side
        x = nn.functional.pad(x.view(batch, height, width, size), (0, 0, 0, right, 0, below))
        moved = self.shifted(x, -self.shift)
        windows = windows_of(moved, side)
        windows = windows.view(-1, side * side, size)
        mask = self.mask(height + below, width + right, x.dtype)
        if mask is not None:
            mask = mask.to(windows.device)
        attended = self.attention(windows, mask)
        whole = whole_of(attended.view(-1, side, side, size), side, height + below, width + right)
        joined = self.shifted(whole, self.shift)
        if right > 0 or below > 0:
            joined = joined[:, :height, :width, :].contiguous()
        joined = joined.view(batch, height * width, size)
        x = self.layernorm_before(joined)
        x = before + self.drop_path(x)
        inner = self.intermediate(x)
        inner = self.output(inner)
        return x + self.drop_path(self.layernorm_after(inner))


class Swinv2Stage(Block):
    def __init__(self, config, index, grid):
        super().__init__()
        size, start = config.embed_dim * 2**index, sum(config.depths[:index])
        own, half = rates(config)[start : start + config.depths[index]], config.window_size // 2
        heads, trained = config.num_heads[index], config.pretrained_window_sizes[index]
        self.blocks = nn.ModuleList(
            [Swinv2Layer(config, size, heads, grid, rate, half * (i % 2), trained) for i, rate in enumerate(own)]
        )
        self.downsample = Swinv2PatchMerging(size) if index + 1 < len(config.depths) else None

    def forward(self, x, grid):
        for block in self.blocks:
            x = block(x, grid)
        if self.downsample is None:
            return x, x, grid
        return self.downsample(x, grid), x, ((grid[0] + 1) // 2, (grid[1] + 1) // 2)


class Swinv2Encoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        image, patch = pair(config.image_size), pair(config.patch_size)
        grid = [image[0] // patch[0], image[1] // patch[1]]
        count = len(config.depths)
        self.layers = nn.ModuleList([Swinv2Stage(config, i, [side // 2**i for side in grid]) for i in range(count)])

    def forward(self, x, grid, states=None):
        """`states`: a list for the map that the encoder reads and for those that the stages give, before they shrink."""
        if states is not None:
            states.append(x.view(x.shape[0], *grid, -1).permute(0, 3, 1, 2))
        for layer in self.layers:
            before = grid
            x, whole, grid = layer(x, grid)
            if states is not None:
                states.append(whole.view(whole.shape[0], *before, -1).permute(0, 3, 1, 2))
        return x


class Swinv2Model(ImageModel):
    def __init__(self, config, pooling=True, masking=False):
        super().__init__(config)
        self.embeddings = Swinv2Embeddings(config, masking)
        self.encoder = Swinv2Encoder(config)
        self.layernorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.pooler = nn.AdaptiveAvgPool1d(1) if pooling else None

    def forward(self, pixel_values=None, bool_masked_pos=None, interpolate_pos_encoding=False, **kwargs):
        embedded, grid = self.embeddings(pixel_values, bool_masked_pos, interpolate_pos_encoding)
        encoded = self.encoder(embedded, grid)
        x = self.layernorm(encoded)
        pooled = None if self.pooler is None else torch.flatten(self.pooler(x.transpose(1, 2)), 1)
        return Output(last_hidden_state=x, pooler_output=pooled)


class Swinv2ForMaskedImageModeling(SwinForMaskedImageModeling):
    base, name = Swinv2Model, "swinv2"


class Swinv2ForImageClassification(SwinForImageClassification):
    base, name = Swinv2Model, "swinv2"


class Swinv2Backbone(ImageModel):
    """The maps of the stages that `out_features` or `out_indices` name; the last alone where they name none."""

    def __init__(self, config):
        super().__init__(config)
        self.embeddings = Swinv2Embeddings(config)
        self.encoder = Swinv2Encoder(config)
        self.wanted = wanted_stages(config, ["stem"] + [f"stage{i + 1}" for i in range(len(config.depths))])
        widths = [config.embed_dim] + [config.embed_dim * 2**i for i in range(len(config.depths))]
        self.channels = [widths[i] for i in self.wanted]

    def forward(self, pixel_values=None, states=None, **kwargs):
        states = [] if states is None else states
        embedded, grid = self.embeddings(pixel_values)
        self.encoder(embedded, grid, states)
        return Output(feature_maps=tuple(state for i, state in enumerate(states) if i in self.wanted))
