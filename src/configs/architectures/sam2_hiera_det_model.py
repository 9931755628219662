"""Hiera as SAM 2 has it: stages of windows, at whose first blocks queries are pooled and vectors widened."""
import torch
from torch import nn
from torch.nn import functional as F

from .parts.attention import attend
from .parts.block import Block
from .parts.config import Config
from .parts.heads import ImageModel
from .parts.mask_decoder import SamFeedForward
from .parts.masks import is_eager
from .parts.output import Output


class Sam2HieraDetConfig(Config):
    model_type = "sam2_hiera_det_model"
    defaults = dict(
        hidden_size=96,
        num_attention_heads=1,
        num_channels=3,
        image_size=[1024, 1024],
        patch_kernel_size=[7, 7],
        patch_stride=[4, 4],
        patch_padding=[3, 3],
        query_stride=[2, 2],
        window_positional_embedding_background_size=[7, 7],
        num_query_pool_stages=3,
        blocks_per_stage=[1, 2, 7, 2],
        embed_dim_per_stage=[96, 192, 384, 768],
        num_attention_heads_per_stage=[1, 2, 4, 8],
        window_size_per_stage=[8, 4, 14, 7],
        global_attention_blocks=[5, 7, 9],
        mlp_ratio=4.0,
        hidden_act="gelu",
        layer_norm_eps=1e-6,
    )


class Sam2PatchEmbeddings(nn.Module):
    """`[B, C, H, W]` → `[B, rows, columns, hidden]` by a convolution whose patches overlap."""

    def __init__(self, config):
        super().__init__()
        size, step, padding = config.patch_kernel_size, config.patch_stride, config.patch_padding
        self.projection = nn.Conv2d(config.num_channels, config.hidden_size, kernel_size=size, stride=step, padding=padding)

    def forward(self, pixel_values):
        return self.projection(pixel_values.to(self.projection.weight.dtype)).permute(0, 2, 3, 1)


def pooled(x, step):
    """The largest of each `step`, over `[B, rows, columns, C]`; all where there is none."""
    if step is None:
        return x
    x = x.permute(0, 3, 1, 2)
    x = F.max_pool2d(x, kernel_size=step, stride=step)
    return x.permute(0, 2, 3, 1)


def cut(x, step):
    """The windows, and how large the padded image is."""
    batch, height, width, size = x.shape
    x = F.pad(x, (0, 0, 0, -width % step, 0, -height % step))
    tall, wide = x.shape[1], x.shape[2]
    x = x.view(batch, tall // step, step, wide // step, step, size)
    return x.permute(0, 1, 3, 2, 4, 5).contiguous().view(-1, step, step, size), (tall, wide)


def joined(windows, step, padded, height, width):
    tall, wide = padded
    batch = windows.shape[0] // ((tall // step) * (wide // step))
    x = windows.view(batch, tall // step, wide // step, step, step, -1)
    x = x.permute(0, 1, 3, 2, 4, 5).contiguous()
    return x.view(batch, tall, wide, -1)[:, :height, :width, :].contiguous()


class Sam2MultiScaleAttention(nn.Module):
    def __init__(self, config, before, size, heads, step):
        super().__init__()
        self.config, self.heads, self.step = config, heads, step
        self.scale = (size // heads) ** -0.5
        self.qkv = nn.Linear(before, size * 3)
        self.proj = nn.Linear(size, size)

    def forward(self, x):
        batch, height, width, _ = x.shape
        qkv = self.qkv(x).reshape(batch, height * width, 3, self.heads, -1)
        query, key, value = torch.unbind(qkv, 2)
        # The library weighs each place's heads against each other and uses none of it; it costs what it costs.
        unused = (query * self.scale) @ key.transpose(-2, -1)
        unused = F.softmax(unused, dtype=torch.float32, dim=-1).to(query.dtype)
        if self.step:
            query = pooled(query.reshape(batch, height, width, -1), self.step)
            height, width = query.shape[1:3]
            query = query.reshape(batch, height * width, self.heads, -1)
        query, key, value = query.transpose(1, 2), key.transpose(1, 2), value.transpose(1, 2)
        out = attend(query, key, value, scale=self.scale, eager=is_eager(self.config))[0]
        return self.proj(out.reshape(batch, height, width, -1))


class Sam2MultiScaleBlock(Block):
    def __init__(self, config, stage, first, index):
        super().__init__()
        sizes, windows = config.embed_dim_per_stage, config.window_size_per_stage
        turns = stage > 0 and first
        before, size = sizes[stage - 1] if turns else sizes[stage], sizes[stage]
        self.window = 0 if index in config.global_attention_blocks else windows[stage - 1] if turns else windows[stage]
        self.step = config.query_stride if turns and stage <= config.num_query_pool_stages else None
        self.layer_norm1 = nn.LayerNorm(before, eps=config.layer_norm_eps)
        self.attn = Sam2MultiScaleAttention(config, before, size, config.num_attention_heads_per_stage[stage], self.step)
        self.layer_norm2 = nn.LayerNorm(size, eps=config.layer_norm_eps)
        self.mlp = SamFeedForward(size, int(size * config.mlp_ratio), size, 2, config.hidden_act)
        self.proj = nn.Linear(before, size) if before != size else None

    def forward(self, x):
        before = x
        x = self.layer_norm1(x)
        if self.proj is not None:
            before = pooled(self.proj(x), self.step)
        window = self.window
        if window > 0:
            height, width = x.shape[1], x.shape[2]
            x, padded = cut(x, window)
        attended = self.attn(x)
        x = attended
        if self.step:
            window = self.window // self.step[0]
            height, width = before.shape[1:3]
            padded = (height + -height % window, width + -width % window) if window else None
        if self.window > 0:
            x = joined(x, window, padded, height, width)
        x = before + x
        normed = self.layer_norm2(x)
        return x + self.mlp(normed)


class Sam2HieraDetModel(ImageModel):
    def __init__(self, config):
        super().__init__(config)
        side = config.window_size_per_stage[0]
        self.patch_embed = Sam2PatchEmbeddings(config)
        self.pos_embed = nn.Parameter(torch.zeros(1, config.hidden_size, *config.window_positional_embedding_background_size))
        self.pos_embed_window = nn.Parameter(torch.zeros(1, config.hidden_size, side, side))
        counts = config.blocks_per_stage
        places = [(stage, i == 0) for stage, count in enumerate(counts) for i in range(count)]
        self.blocks = nn.ModuleList([Sam2MultiScaleBlock(config, *place, i) for i, place in enumerate(places)])
        self.ends = [sum(counts[: stage + 1]) - 1 for stage in range(len(counts))]

    def places(self, height, width):
        """The learned positions of the whole image and of each window."""
        x = F.interpolate(self.pos_embed, size=(height, width), mode="bicubic")
        window = self.pos_embed_window
        x = x + window.tile([many // few for many, few in zip(x.shape, window.shape)])
        return x.permute(0, 2, 3, 1)

    def forward(self, pixel_values=None, **kwargs):
        x = self.patch_embed(pixel_values)
        x = x + self.places(x.shape[1], x.shape[2])
        stages = []
        for i, block in enumerate(self.blocks):
            x = block(x)
            if i in self.ends:
                stages.append(x)
        return Output(last_hidden_state=x, intermediate_hidden_states=stages)
