"""Gemma 4's vision encoder: patches of images of any shape, turned by their row and column, and averaged in squares to tokens."""
import torch
from torch import nn
from torch.nn import functional as F

from assay import assume

from .gemma4_text import Gemma4RMSNorm
from .parts.activations import activation
from .parts.attention import attend
from .parts.block import Block
from .parts.config import Config
from .parts.heads import Model
from .parts.masks import is_eager, padding_mask
from .parts.output import Output
from .parts.rotary import RotaryEmbedding, turned


class Gemma4VisionConfig(Config):
    model_type = "gemma4_vision"
    rope_theta = 100.0
    defaults = dict(
        hidden_size=768,
        intermediate_size=3072,
        num_hidden_layers=16,
        num_attention_heads=12,
        num_key_value_heads=12,
        head_dim=64,
        hidden_activation="gelu_pytorch_tanh",
        rms_norm_eps=1e-6,
        max_position_embeddings=131072,
        attention_bias=False,
        attention_dropout=0.0,
        pooling_kernel_size=3,
        patch_size=16,
        position_embedding_size=10240,
        use_clipped_linears=False,
        standardize=False,
    )

    def rotary(self, given):
        own = super().rotary(given)
        if own["rope_type"] not in ("axial", "default"):
            raise ValueError(f"rope_type {own['rope_type']!r} of vision_config is not axial, which is all that its places can turn by")
        return own


class Gemma4ClippableLinear(nn.Module):
    """A linear layer whose input and output are kept between bounds that the checkpoint has, where the config asks for it."""

    def __init__(self, config, read, written):
        super().__init__()
        self.clips = config.use_clipped_linears
        self.linear = nn.Linear(read, written, bias=False)
        if self.clips:
            for name in ("input", "output"):
                self.register_buffer(f"{name}_min", torch.tensor(-float("inf")))
                self.register_buffer(f"{name}_max", torch.tensor(float("inf")))

    def forward(self, x):
        if self.clips:
            x = torch.clamp(x, self.input_min, self.input_max)
        x = self.linear(x)
        return torch.clamp(x, self.output_min, self.output_max) if self.clips else x


class Gemma4VisionPatchEmbedder(nn.Module):
    """Patches through a linear layer; a learned vector for each column and one for each row, none for padding."""

    def __init__(self, config):
        super().__init__()
        self.input_proj = nn.Linear(3 * config.patch_size**2, config.hidden_size, bias=False)
        self.position_embedding_table = nn.Parameter(torch.ones(2, config.position_embedding_size, config.hidden_size))

    def forward(self, patches, places, padding):
        patches = 2 * (patches - 0.5)
        x = self.input_proj(patches.to(self.input_proj.weight.dtype))
        places = places.clamp(min=0)
        columns = F.embedding(places[..., 0], self.position_embedding_table[0])
        rows = F.embedding(places[..., 1], self.position_embedding_table[1])
        added = columns + rows
        added = torch.where(padding.unsqueeze(-1), 0.0, added)
        return x + added


class Gemma4VisionRotaryEmbedding(RotaryEmbedding):
    """Cosines and sines of places `[B, patches, 2]`: half of a head's width turns by the one, half by the other."""

    def __init__(self, config):
        nn.Module.__init__(self)
        half = config.head_dim // 2
        self.register("", 1.0 / (config.rope_parameters["rope_theta"] ** (torch.arange(0, half, 2, dtype=torch.float) / half)))

    @torch.no_grad()
    def forward(self, x, places):
        with torch.autocast(device_type=x.device.type, enabled=False):
            angles = places[..., None].float() @ self.inv_freq[None, ...].float()
            cos = angles.cos() * self.scaling
            sin = angles.sin() * self.scaling
        return self.joined(cos).to(x.dtype), self.joined(sin).to(x.dtype)

    def joined(self, one):
        first, second = one[:, :, 0], one[:, :, 1]
        return torch.cat([first, first, second, second], dim=-1)


def turned_twice(x, positions):
    """`[B, T, heads, width]`, the first half of each head turned by one place and the second by the other."""
    half = x.shape[-1] // 2
    parts = zip(*(torch.split(one, half, dim=-1) for one in (x, *positions)))
    return torch.cat([turned(one, cos.unsqueeze(2), sin.unsqueeze(2)) for one, cos, sin in parts], dim=-1)


class Gemma4VisionAttention(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        size, width, eps = config.hidden_size, config.head_dim, config.rms_norm_eps
        queries, keys = config.num_attention_heads * width, config.num_key_value_heads * width
        self.q_proj = Gemma4ClippableLinear(config, size, queries)
        self.k_proj = Gemma4ClippableLinear(config, size, keys)
        self.v_proj = Gemma4ClippableLinear(config, size, keys)
        self.o_proj = Gemma4ClippableLinear(config, queries, size)
        self.q_norm = Gemma4RMSNorm(width, eps)
        self.k_norm = Gemma4RMSNorm(width, eps)
        self.v_norm = Gemma4RMSNorm(width, eps, scaled=False)

    def forward(self, x, positions, mask):
        shape = (*x.shape[:-1], -1, self.config.head_dim)
        query = turned_twice(self.q_norm(self.q_proj(x).view(shape)), positions).transpose(1, 2)
        key = turned_twice(self.k_norm(self.k_proj(x).view(shape)), positions).transpose(1, 2)
        value = self.v_norm(self.v_proj(x).view(shape)).transpose(1, 2)
        dropout = self.config.attention_dropout if self.training else 0.0
        out, weights = attend(query, key, value, mask, False, 1.0, dropout, is_eager(self.config))
        return self.o_proj(out.reshape(*x.shape[:-1], -1))


class Gemma4VisionMLP(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.gate_proj = Gemma4ClippableLinear(config, config.hidden_size, config.intermediate_size)
        self.up_proj = Gemma4ClippableLinear(config, config.hidden_size, config.intermediate_size)
        self.down_proj = Gemma4ClippableLinear(config, config.intermediate_size, config.hidden_size)
        self.act_fn = activation(config.hidden_activation)

    def forward(self, x):
        return self.down_proj(self.act_fn(self.gate_proj(x)) * self.up_proj(x))


class Gemma4VisionEncoderLayer(Block):
    def __init__(self, config):
        super().__init__()
        self.self_attn = Gemma4VisionAttention(config)
        self.mlp = Gemma4VisionMLP(config)
        for name in ("input_layernorm", "post_attention_layernorm", "pre_feedforward_layernorm", "post_feedforward_layernorm"):
            setattr(self, name, Gemma4RMSNorm(config.hidden_size, config.rms_norm_eps))

    def forward(self, x, positions=None, mask=None):
        before = x
        x = self.input_layernorm(x)
        x = self.self_attn(x, positions, mask)
        x = self.post_attention_layernorm(x)
        x = before + x
        before = x
        x = self.pre_feedforward_layernorm(x)
        x = self.mlp(x)
        x = self.post_feedforward_layernorm(x)
        return before + x


class Gemma4VisionEncoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        self.rotary_emb = Gemma4VisionRotaryEmbedding(config)
        self.layers = nn.ModuleList([Gemma4VisionEncoderLayer(config) for _ in range(config.num_hidden_layers)])

    def forward(self, x, real, places):
        mask = padding_mask(self.config, x, real)
        positions = self.rotary_emb(x, places)
        for layer in self.layers:
            x = layer(x, positions=positions, mask=mask)
        return x


class Gemma4VisionPooler(nn.Module):
    """Patches averaged in squares, `count` tokens for an image, in float32."""

    def __init__(self, config):
        super().__init__()
        self.root = config.hidden_size**0.5

    def forward(self, x, places, padding, count):
        x = x.masked_fill(padding.unsqueeze(-1), 0.0)
        if x.shape[1] != count:
            x = self.averaged(x, places, count)
        return x.float() * self.root

    def averaged(self, x, places, count):
        side = int((x.shape[1] // count) ** 0.5)
        if side**2 * count != x.shape[1]:
            raise ValueError(f"{x.shape[1]} patches do not make {count} tokens: squares of {side} × {side} make {side**2 * count} of them")
        places = places.clamp(min=0)
        across = places[..., 0].max(dim=-1, keepdim=True)[0] + 1
        squares = torch.div(places, side, rounding_mode="floor")
        squares = squares[..., 0] + (across // side) * squares[..., 1]
        weights = F.one_hot(squares.long(), count).float() / side**2
        return (weights.transpose(1, 2) @ x.float()).to(x.dtype)


def all_of(x):
    """`[B, T, size]` → `[B · T, size]`: a copy of every token, those of padding too, of which only values say how many they are."""
    assume("padding of images and sounds counts as tokens: only values say how much of it there is")
    return x.flatten(0, 1).clone()


class Gemma4VisionModel(Model):
    """Tokens of all images, one behind the other, those of their padding counted as well."""

    def __init__(self, config):
        super().__init__(config)
        self.patch_embedder = Gemma4VisionPatchEmbedder(config)
        self.encoder = Gemma4VisionEncoder(config)
        self.pooler = Gemma4VisionPooler(config)
        if config.standardize:
            self.register_buffer("std_bias", torch.empty(config.hidden_size))
            self.register_buffer("std_scale", torch.empty(config.hidden_size))

    def inputs(self):
        """280 tokens for an image, as the processor has it."""
        patches = 280 * self.config.pooling_kernel_size**2
        return {"pixel_values": f"float32[B, {patches}, {3 * self.config.patch_size**2}]", "pixel_position_ids": f"int64[B, {patches}, 2]"}

    def forward(self, pixel_values=None, pixel_position_ids=None, **kwargs):
        if pixel_values.dim() != 3:
            raise ValueError(f"pixel_values {list(pixel_values.shape)} are no patches: Gemma 4 reads [images, patches, 3 · patch_size²]")
        count = pixel_values.shape[-2] // self.config.pooling_kernel_size**2
        padding = (pixel_position_ids == -1).all(dim=-1)
        embedded = self.patch_embedder(pixel_values, pixel_position_ids, padding)
        x = self.encoder(embedded, ~padding, pixel_position_ids)
        x = all_of(self.pooler(x, pixel_position_ids, padding, count))
        if self.config.standardize:
            x = (x - self.std_bias.float()) * self.std_scale.float()
        return Output(last_hidden_state=x.to(embedded.dtype))
