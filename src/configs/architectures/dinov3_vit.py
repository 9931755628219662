"""DINOv3: a ViT whose patches know their place by rotation in two directions, with registers beside the class token."""
import math

import torch
from torch import nn

from .dinov2 import LayerScale
from .parts.activations import activation
from .parts.attention import attend, split_heads
from .parts.block import Block
from .parts.config import Config
from .parts.depth import DropPath
from .parts.heads import ImageModel
from .parts.masks import is_eager
from .parts.output import Output


class DINOv3ViTConfig(Config):
    model_type = "dinov3_vit"
    defaults = dict(
        patch_size=16,
        hidden_size=384,
        intermediate_size=1536,
        num_hidden_layers=12,
        num_attention_heads=6,
        hidden_act="gelu",
        attention_dropout=0.0,
        layer_norm_eps=1e-5,
        rope_theta=100.0,
        image_size=224,
        num_channels=3,
        query_bias=True,
        key_bias=False,
        value_bias=True,
        proj_bias=True,
        mlp_bias=True,
        layerscale_value=1.0,
        drop_path_rate=0.0,
        use_gated_mlp=False,
        num_register_tokens=0,
        pos_embed_shift=None,
        pos_embed_jitter=None,
        pos_embed_rescale=2.0,
    )


class DINOv3ViTEmbeddings(nn.Module):
    def __init__(self, config):
        super().__init__()
        size = config.hidden_size
        self.cls_token = nn.Parameter(torch.randn(1, 1, size))
        self.mask_token = nn.Parameter(torch.zeros(1, 1, size))
        self.register_tokens = nn.Parameter(torch.empty(1, config.num_register_tokens, size))
        self.patch_embeddings = nn.Conv2d(config.num_channels, size, kernel_size=config.patch_size, stride=config.patch_size)

    def forward(self, pixel_values, bool_masked_pos=None):
        x = self.patch_embeddings(pixel_values).flatten(2).transpose(1, 2)
        if bool_masked_pos is not None:
            x = torch.where(bool_masked_pos.unsqueeze(-1), self.mask_token.to(x.dtype), x)
        first, registers = (one.expand(x.shape[0], -1, -1) for one in (self.cls_token, self.register_tokens))
        return torch.cat([first, registers, x], dim=1)


class DINOv3ViTRope(nn.Module):
    """Angles from each patch's centre, between -1 and 1 in both directions; moved at random while training."""

    def __init__(self, config):
        super().__init__()
        self.config = config
        width = config.hidden_size // config.num_attention_heads
        steps = 1 / config.rope_theta ** torch.arange(0, 1, 4 / width, dtype=torch.float32)
        self.register_buffer("inv_freq", steps, persistent=False)

    def forward(self, pixel_values):
        size = self.config.patch_size
        counts = (pixel_values.shape[2] // size, pixel_values.shape[3] // size)
        axes = [torch.arange(0.5, one, dtype=torch.float32, device=pixel_values.device) / one for one in counts]
        places = torch.stack(torch.meshgrid(*axes, indexing="ij"), dim=-1)
        places = 2.0 * places.flatten(0, 1) - 1.0
        if self.training:
            places = self.moved(places)
        angles = 2 * math.pi * places[:, :, None] * self.inv_freq[None, None, :]
        angles = angles.flatten(1, 2)
        angles = angles.tile(2)
        cos, sin = torch.cos(angles), torch.sin(angles)
        return cos.to(dtype=pixel_values.dtype), sin.to(dtype=pixel_values.dtype)

    def moved(self, places):
        config = self.config
        if config.pos_embed_shift is not None:
            places = places + places.new_empty((1, 2)).uniform_(-config.pos_embed_shift, config.pos_embed_shift)
        if config.pos_embed_jitter is not None:
            reach = math.log(config.pos_embed_jitter)
            places = places * places.new_empty((1, 2)).uniform_(-reach, reach).exp()
        if config.pos_embed_rescale is not None:
            reach = math.log(config.pos_embed_rescale)
            places = places * places.new_empty(1).uniform_(-reach, reach).exp()
        return places


def halves_turned(x):
    half = x.shape[-1] // 2
    return torch.cat((-x[..., half:], x[..., :half]), dim=-1)


def rotated(query, key, cos, sin):
    """Queries and keys with the patches rotated; the tokens before them stay."""
    patches = sin.shape[-2]
    sizes = (query.shape[-2] - patches, patches)
    first, query = query.split(sizes, dim=-2)
    before, key = key.split(sizes, dim=-2)
    query = (query * cos) + (halves_turned(query) * sin)
    key = (key * cos) + (halves_turned(key) * sin)
    return torch.cat((first, query), dim=-2), torch.cat((before, key), dim=-2)


class DINOv3ViTAttention(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        size = config.hidden_size
        self.head_dim = size // config.num_attention_heads
        self.k_proj = nn.Linear(size, size, bias=config.key_bias)
        self.v_proj = nn.Linear(size, size, bias=config.value_bias)
        self.q_proj = nn.Linear(size, size, bias=config.query_bias)
        self.o_proj = nn.Linear(size, size, bias=config.proj_bias)

    def forward(self, x, positions):
        query, key, value = (split_heads(proj(x), self.head_dim) for proj in (self.q_proj, self.k_proj, self.v_proj))
        cos, sin = positions
        query, key = rotated(query, key, cos, sin)
        dropout = self.config.attention_dropout if self.training else 0.0
        eager = is_eager(self.config)
        out, weights = attend(query, key, value, scale=self.head_dim**-0.5, dropout=dropout, eager=eager, wide=False)
        out = out.reshape(*x.shape[:-1], -1)
        out = self.o_proj(out)
        return out, weights


class DINOv3ViTMLP(nn.Module):
    """Two linear layers, or with a gate three."""

    def __init__(self, config):
        super().__init__()
        size, width, bias = config.hidden_size, config.intermediate_size, config.mlp_bias
        self.gate_proj = nn.Linear(size, width, bias=bias) if config.use_gated_mlp else None
        self.up_proj = nn.Linear(size, width, bias=bias)
        self.down_proj = nn.Linear(width, size, bias=bias)
        self.act_fn = activation(config.hidden_act)

    def forward(self, x):
        if self.gate_proj is None:
            return self.down_proj(self.act_fn(self.up_proj(x)))
        return self.down_proj(self.act_fn(self.gate_proj(x)) * self.up_proj(x))


class DINOv3ViTLayer(Block):
    def __init__(self, config):
        super().__init__()
        self.norm1 = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.attention = DINOv3ViTAttention(config)
        self.layer_scale1 = LayerScale(config)
        self.drop_path = DropPath(config.drop_path_rate) if config.drop_path_rate > 0.0 else nn.Identity()
        self.norm2 = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.mlp = DINOv3ViTMLP(config)
        self.layer_scale2 = LayerScale(config)

    def forward(self, x, positions):
        before = x
        x = self.norm1(x)
        x, weights = self.attention(x, positions)
        x = self.layer_scale1(x)
        x = self.drop_path(x) + before
        before = x
        x = self.norm2(x)
        x = self.mlp(x)
        x = self.layer_scale2(x)
        return self.drop_path(x) + before


class DINOv3ViTEncoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.layer = nn.ModuleList([DINOv3ViTLayer(config) for _ in range(config.num_hidden_layers)])

    def forward(self, x, positions):
        for layer in self.layer:
            x = layer(x, positions)
        return x


class DINOv3ViTModel(ImageModel):
    def __init__(self, config):
        super().__init__(config)
        self.embeddings = DINOv3ViTEmbeddings(config)
        self.rope_embeddings = DINOv3ViTRope(config)
        self.model = DINOv3ViTEncoder(config)
        self.norm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)

    def forward(self, pixel_values=None, bool_masked_pos=None, **kwargs):
        pixel_values = pixel_values.to(self.embeddings.patch_embeddings.weight.dtype)
        embedded = self.embeddings(pixel_values, bool_masked_pos)
        x = self.model(embedded, self.rope_embeddings(pixel_values))
        x = self.norm(x)
        return Output(last_hidden_state=x, pooler_output=x[:, 0, :])
