"""Mllama's vision encoder: an image in tiles, an encoder over all of them, and a second one with gates."""
import torch
from torch import nn
from torch.nn import functional as F

from .parts.attention import attend, split_heads
from .parts.config import Config
from .parts.heads import Model
from .parts.masks import is_eager
from .parts.output import Output
from .parts.vision import FeedForward

SHAPES = [[1, 1], [1, 2], [1, 3], [1, 4], [2, 1], [2, 2], [3, 1], [4, 1]]


class MllamaVisionConfig(Config):
    model_type = "mllama_vision_model"
    attribute_map = {"num_attention_heads": "attention_heads"}
    defaults = dict(
        hidden_size=1280,
        hidden_act="gelu",
        num_hidden_layers=32,
        num_global_layers=8,
        attention_heads=16,
        num_channels=3,
        intermediate_size=5120,
        vision_output_dim=7680,
        image_size=448,
        patch_size=14,
        norm_eps=1e-5,
        max_num_tiles=4,
    )

    def complete(self, given):
        self.supported_aspect_ratios = self.supported_aspect_ratios or SHAPES
        self.intermediate_layers_indices = self.intermediate_layers_indices or [3, 7, 15, 23, 30]
        if self.supported_aspect_ratios == SHAPES and self.max_num_tiles != 4:
            raise ValueError(f"max_num_tiles is {self.max_num_tiles}, but must be 4 with the default supported_aspect_ratios")
        self.max_aspect_ratio_id = len(self.supported_aspect_ratios)
        self.patches = (self.image_size // self.patch_size) ** 2 + 1


class MllamaTileEmbedding(nn.Module):
    """A vector for each tile of an image of that shape, behind a gate."""

    def __init__(self, config):
        super().__init__()
        self.tiles, self.size = config.max_num_tiles, config.hidden_size
        self.embedding = nn.Embedding(config.max_aspect_ratio_id + 1, self.tiles * self.size)
        self.gate = nn.Parameter(torch.zeros(1))

    def forward(self, x, shapes):
        added = self.embedding(shapes)
        added = added.reshape(-1, self.tiles, 1, self.size)
        added = added * self.gate.tanh()
        return x + added


class MllamaPositionEmbedding(nn.Module):
    """A vector for each patch, and one for each patch of each tile; a gate weighs the two."""

    def __init__(self, config):
        super().__init__()
        self.shape = config.max_num_tiles, config.patches, config.hidden_size
        self.gate = nn.Parameter(torch.zeros(1))
        self.embedding = nn.Parameter(torch.empty(config.patches, config.hidden_size))
        self.tile_embedding = nn.Embedding(config.max_aspect_ratio_id + 1, config.max_num_tiles * config.patches * config.hidden_size)

    def forward(self, x, shapes):
        added = (1 - self.gate.tanh()) * self.embedding
        x = x + added.view(1, 1, *added.shape)
        tiles = self.tile_embedding(shapes)
        tiles = tiles.reshape(x.shape[0], *self.shape)
        gated = self.gate.tanh() * tiles
        return x + gated


class MllamaVisionAttention(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        size = config.hidden_size
        self.head_dim = size // config.attention_heads
        inner = config.attention_heads * self.head_dim
        self.q_proj = nn.Linear(size, inner, bias=False)
        self.k_proj = nn.Linear(size, inner, bias=False)
        self.v_proj = nn.Linear(size, inner, bias=False)
        self.o_proj = nn.Linear(inner, size, bias=False)

    def forward(self, x, mask):
        states = self.q_proj(x), self.k_proj(x), self.v_proj(x)
        query, key, value = (split_heads(one, self.head_dim) for one in states)
        out, weights = attend(query, key, value, mask, scale=self.head_dim**-0.5, eager=is_eager(self.config))
        out = out.reshape(*x.shape[:-1], -1)
        return self.o_proj(out)


class MllamaVisionLayer(nn.Module):
    def __init__(self, config, gated):
        super().__init__()
        self.gated = gated
        self.self_attn = MllamaVisionAttention(config)
        self.mlp = FeedForward(config)
        self.input_layernorm = nn.LayerNorm(config.hidden_size, eps=config.norm_eps)
        self.post_attention_layernorm = nn.LayerNorm(config.hidden_size, eps=config.norm_eps)
        if gated:
            self.gate_attn = nn.Parameter(torch.empty(1))
            self.gate_ffn = nn.Parameter(torch.empty(1))

    def forward(self, x, mask):
        before = x
        x = self.input_layernorm(x)
        x = self.self_attn(x, mask)
        if self.gated:
            x = self.gate_attn.tanh() * x
        x = before + x
        before = x
        x = self.post_attention_layernorm(x)
        x = self.mlp(x)
        if self.gated:
            x = self.gate_ffn.tanh() * x
        return before + x


class MllamaVisionEncoder(nn.Module):
    def __init__(self, config, layers, gated):
        super().__init__()
        self.layers = nn.ModuleList([MllamaVisionLayer(config, gated) for _ in range(layers)])

    def forward(self, x, mask):
        """What comes out of each layer."""
        states = ()
        for layer in self.layers:
            x = layer(x, mask)
            states = states + (x,)
        return states


def tile_mask(tiles, patches, length, kind):
    """Numbers added to the scores: patches that are padding do not look at one another."""
    batch, count = tiles.shape
    mask = tiles.view(batch, count, 1, 1).to(kind)
    mask = mask.repeat(1, 1, length, 1)
    mask[:, :, -(length - patches) :] = 0
    mask = 1 - mask
    mask = mask.reshape(batch, count * length, 1)
    mask = mask @ mask.transpose(-1, -2) * torch.finfo(kind).min
    return mask.unsqueeze(1)


class MllamaVisionModel(Model):
    def __init__(self, config):
        super().__init__(config)
        size, patch = config.hidden_size, config.patch_size
        self.patch_embedding = nn.Conv2d(config.num_channels, size, kernel_size=patch, stride=patch, padding="valid", bias=False)
        self.class_embedding = nn.Parameter(torch.empty(size))
        self.gated_positional_embedding = MllamaPositionEmbedding(config)
        self.pre_tile_positional_embedding = MllamaTileEmbedding(config)
        self.post_tile_positional_embedding = MllamaTileEmbedding(config)
        self.layernorm_pre = nn.LayerNorm(size)
        self.layernorm_post = nn.LayerNorm(size)
        self.transformer = MllamaVisionEncoder(config, config.num_hidden_layers, False)
        self.global_transformer = MllamaVisionEncoder(config, config.num_global_layers, True)

    def inputs(self):
        config = self.config
        side, tiles = config.image_size, config.max_num_tiles
        return {
            "pixel_values": f"float32[B, 1, {tiles}, {config.num_channels}, {side}, {side}]",
            "aspect_ratio_ids": "int64[B, 1]",
            "aspect_ratio_mask": f"int64[B, 1, {tiles}]",
        }

    def forward(self, pixel_values=None, aspect_ratio_ids=None, aspect_ratio_mask=None, **kwargs):
        batch, media, tiles = pixel_values.shape[:3]
        images = batch * media
        pixel_values = pixel_values.reshape(images * tiles, *pixel_values.shape[3:])
        shapes = aspect_ratio_ids.reshape(images, -1)
        kind = self.patch_embedding.weight.dtype
        patches = self.patch_embedding(pixel_values.to(kind))
        x = patches.flatten(2).transpose(1, 2)
        count, size = x.shape[1:]
        x = self.pre_tile_positional_embedding(x.reshape(images, tiles, -1, size), shapes)
        x = x.reshape(images * tiles, count, size)
        x = torch.cat([self.class_embedding.expand(x.shape[0], 1, size), x], dim=1)
        count = count + 1
        x = self.gated_positional_embedding(x.reshape(images, tiles, count, size), shapes)
        x = self.layernorm_pre(x)
        added = (8 - count % 8) % 8
        x = F.pad(x, (0, 0, 0, added), mode="constant", value=0)
        end = -added if added > 0 else None
        mask = tile_mask(aspect_ratio_mask.reshape(images, -1), self.config.patches, count + added, kind)
        x = x.view(images, -1, size)
        states = self.transformer(x, mask)
        x = states[-1]
        x = self.layernorm_post(x)
        x = self.post_tile_positional_embedding(x.reshape(images, tiles, count + added, size), shapes)
        all_states = self.global_transformer(x.reshape(images, tiles * (count + added), size), mask)
        x = all_states[-1].reshape(images, tiles, count + added, size)[:, :, :end]
        x = x.reshape(batch, media, tiles, count, size)
        between = torch.stack([states[i] for i in self.config.intermediate_layers_indices], dim=-1)
        between = between.reshape(images, tiles, count + added, -1)[:, :, :end]
        between = between.reshape(batch, media, tiles, count, -1)
        return Output(last_hidden_state=torch.cat([x, between], dim=-1))
