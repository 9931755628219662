"""Gemma 4's audio encoder: conformer layers whose attention looks back a few frames, in blocks of a few frames each."""
import math

import torch
from torch import nn
from torch.nn import functional as F

from .gemma4_text import Gemma4RMSNorm
from .gemma4_vision import Gemma4ClippableLinear
from .parts.activations import activation
from .parts.config import Config
from .parts.heads import Model
from .parts.masks import filled, finished
from .parts.output import Output


class Gemma4AudioConfig(Config):
    model_type = "gemma4_audio"
    defaults = dict(
        hidden_size=1024,
        num_hidden_layers=12,
        num_attention_heads=8,
        hidden_act="silu",
        subsampling_conv_channels=[128, 32],
        conv_kernel_size=5,
        residual_weight=0.5,
        attention_chunk_size=12,
        attention_context_left=13,
        attention_context_right=0,
        attention_logit_cap=50.0,
        attention_invalid_logits_value=-1.0e9,
        use_clipped_linears=True,
        rms_norm_eps=1e-6,
        gradient_clipping=1e10,
        output_proj_dims=1536,
    )

    def complete(self, given):
        self.back, self.ahead = self.attention_context_left - 1, self.attention_context_right
        self.context = self.attention_chunk_size + self.back + self.ahead


def clipped(x, bound, dtype):
    """`x` between plus and minus a bound, or the largest number of a type where that is less."""
    bound = min(bound, torch.finfo(dtype).max)
    return torch.clamp(x, -bound, bound)


class Gemma4AudioRelPositionalEncoding(nn.Module):
    """Sines and cosines `[distances, size]` of how far back a frame lies."""

    def __init__(self, config):
        super().__init__()
        self.context, count = config.context, config.hidden_size // 2
        step = math.log(10000.0) / max(count - 1, 1)
        times = torch.exp(torch.arange(count) * -step)
        self.register_buffer("inv_timescales", times.unsqueeze(0).unsqueeze(0), persistent=False)

    @torch.no_grad()
    def forward(self, x):
        back = torch.arange(self.context // 2, -1, -1, device=x.device)[..., None]
        times = back * self.inv_timescales.to(device=x.device)
        return torch.cat([torch.sin(times), torch.cos(times)], dim=-1).to(dtype=x.dtype)


class Gemma4AudioAttention(nn.Module):
    """Each block of frames looks at itself and at what lies just before and behind it, in float32."""

    def __init__(self, config):
        super().__init__()
        self.config, size = config, config.hidden_size
        self.heads, self.width = config.num_attention_heads, size // config.num_attention_heads
        inner = self.heads * self.width
        self.q_scale, self.k_scale = self.width**-0.5 / math.log(2), math.log(1 + math.e) / math.log(2)
        self.q_proj = Gemma4ClippableLinear(config, size, inner)
        self.k_proj = Gemma4ClippableLinear(config, size, inner)
        self.v_proj = Gemma4ClippableLinear(config, size, inner)
        self.post = Gemma4ClippableLinear(config, size, size)
        self.relative_k_proj = nn.Linear(size, inner, bias=False)
        self.per_dim_scale = nn.Parameter(torch.zeros(self.width))
        self.register_buffer("softcap", torch.tensor(config.attention_logit_cap), persistent=False)

    def blocks(self, x):
        """`[B, T, heads, width]` → `[B, blocks, frames, heads, width]`, side by side."""
        batch, length, size = x.shape[0], x.shape[1], self.config.attention_chunk_size
        count = (length + size - 1) // size
        x = F.pad(x, (0, 0, 0, 0, 0, count * size - length))
        return x.reshape(batch, count, size, self.heads, self.width).contiguous()

    def contexts(self, x):
        """The same for what each block looks at, which overlap."""
        config = self.config
        x = F.pad(x, (0, 0, 0, 0, config.back, config.ahead + config.attention_chunk_size - 1))
        x = x.unfold(1, config.context, config.attention_chunk_size)
        return torch.movedim(x, -1, 2).contiguous()

    def shifted(self, x):
        """Scores by distance, `[B, heads, blocks, frames, distances]`, as scores of the frames of the context."""
        *outer, frames, distances = x.shape
        context = self.config.context
        x = F.pad(x, (0, context + 1 - distances))
        x = x.view(*outer, frames * (context + 1))
        x = x[..., : frames * context]
        return x.view(*outer, frames, context)

    def forward(self, x, positions, mask=None):
        batch, length = x.shape[:2]
        shape = (batch, length, self.heads, self.width)
        query = self.q_proj(x).float().view(shape)
        key = self.k_proj(x).float().view(shape)
        value = self.v_proj(x).float().view(shape)
        query = query * self.q_scale * F.softplus(self.per_dim_scale)
        key = key * self.k_scale
        query, key, value = self.blocks(query), self.contexts(key), self.contexts(value)
        count, frames = query.shape[1], query.shape[2]
        distances = self.relative_k_proj(positions).view(-1, self.heads, self.width).to(dtype=query.dtype)
        query = query.permute(0, 3, 1, 2, 4)
        scores = query @ key.permute(0, 3, 1, 4, 2)
        far = query.reshape(batch, self.heads, -1, self.width) @ distances.permute(1, 2, 0)
        far = self.shifted(far.reshape(batch, self.heads, count, frames, -1))
        scores = scores + far
        scores = scores / self.softcap
        scores = torch.tanh(scores)
        scores = scores * self.softcap
        if mask is not None:
            scores = scores.masked_fill(mask.logical_not(), self.config.attention_invalid_logits_value)
        weights = F.softmax(scores, dim=-1, dtype=torch.float32).to(value.dtype)
        out = weights @ value.permute(0, 3, 1, 2, 4)
        out = out.permute(0, 2, 3, 1, 4).reshape(batch, count * frames, -1)
        out = out[:, :length].contiguous()
        return self.post(out.to(x.dtype))


class Gemma4AudioSubSampleConvProjectionLayer(nn.Module):
    """A convolution that halves time and frequency."""

    def __init__(self, config, read, written):
        super().__init__()
        self.conv = nn.Conv2d(read, written, kernel_size=3, stride=2, padding=1, bias=False)
        self.norm = nn.LayerNorm(written, eps=config.rms_norm_eps, bias=False)
        self.act = nn.ReLU()

    def forward(self, x, real=None):
        if real is not None:
            x = x * real[:, None, :, None]
        x = self.conv(x.to(self.conv.weight.dtype))
        x = self.act(self.norm(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2).contiguous())
        return x, None if real is None else real[:, ::2]


class Gemma4AudioSubSampleConvProjection(nn.Module):
    def __init__(self, config):
        super().__init__()
        first, second = config.subsampling_conv_channels
        self.bands = first
        self.layer0 = Gemma4AudioSubSampleConvProjectionLayer(config, 1, first)
        self.layer1 = Gemma4AudioSubSampleConvProjectionLayer(config, first, second)
        self.input_proj_linear = nn.Linear(first // 4 * second, config.hidden_size, bias=False)

    def forward(self, x, real=None):
        if (x.shape[-1] + 3) // 4 != self.bands // 4:
            raise ValueError(f"input_features has {x.shape[-1]} bands, but subsampling_conv_channels[0] {self.bands} takes as many")
        x, real = self.layer0(x.unsqueeze(1), real)
        x, real = self.layer1(x, real)
        x = x.permute(0, 2, 3, 1).contiguous().reshape(x.shape[0], x.shape[2], -1)
        return self.input_proj_linear(x), real


class Gemma4AudioFeedForward(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config, size = config, config.hidden_size
        self.ffw_layer_1 = Gemma4ClippableLinear(config, size, size * 4)
        self.ffw_layer_2 = Gemma4ClippableLinear(config, size * 4, size)
        self.pre_layer_norm = Gemma4RMSNorm(size)
        self.post_layer_norm = Gemma4RMSNorm(size)
        self.act_fn = activation(config.hidden_act)

    def forward(self, x):
        before, bound, dtype = x, self.config.gradient_clipping, x.dtype
        x = clipped(x, bound, dtype)
        x = self.pre_layer_norm(x)
        x = self.ffw_layer_1(x)
        x = self.act_fn(x)
        x = self.ffw_layer_2(x)
        x = clipped(x, bound, dtype)
        x = self.post_layer_norm(x)
        x *= self.config.residual_weight
        x += before
        return x


class Gemma4AudioCausalConv1d(nn.Conv1d):
    def forward(self, x):
        return super().forward(F.pad(x, (self.kernel_size[0] - 1, 0)))


class Gemma4AudioLightConv1d(nn.Module):
    """A gate and a convolution over time, which looks back alone."""

    def __init__(self, config):
        super().__init__()
        self.config, size, eps = config, config.hidden_size, config.rms_norm_eps
        self.linear_start = Gemma4ClippableLinear(config, size, size * 2)
        self.linear_end = Gemma4ClippableLinear(config, size, size)
        self.depthwise_conv1d = Gemma4AudioCausalConv1d(size, size, config.conv_kernel_size, groups=size, bias=False)
        self.pre_layer_norm = Gemma4RMSNorm(size, eps)
        self.conv_norm = Gemma4RMSNorm(size, eps)
        self.act_fn = activation(config.hidden_act)

    def forward(self, x):
        before = x
        x = self.pre_layer_norm(x)
        x = self.linear_start(x)
        x = F.glu(x, dim=-1)
        x = self.depthwise_conv1d(x.transpose(1, 2)).transpose(1, 2)
        x = clipped(x, self.config.gradient_clipping, x.dtype)
        x = self.conv_norm(x)
        x = self.act_fn(x)
        x = self.linear_end(x)
        x += before
        return x


class Gemma4AudioLayer(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        self.feed_forward1 = Gemma4AudioFeedForward(config)
        self.feed_forward2 = Gemma4AudioFeedForward(config)
        self.self_attn = Gemma4AudioAttention(config)
        self.lconv1d = Gemma4AudioLightConv1d(config)
        self.norm_pre_attn = Gemma4RMSNorm(config.hidden_size)
        self.norm_post_attn = Gemma4RMSNorm(config.hidden_size)
        self.norm_out = Gemma4RMSNorm(config.hidden_size)

    def forward(self, x, mask, positions):
        bound, dtype = self.config.gradient_clipping, self.norm_pre_attn.weight.dtype
        x = self.feed_forward1(x)
        before = x
        x = clipped(x, bound, dtype)
        x = self.norm_pre_attn(x)
        x = self.self_attn(x, positions, mask)
        x = clipped(x, bound, dtype)
        x = self.norm_post_attn(x)
        x += before
        x = self.lconv1d(x)
        x = self.feed_forward2(x)
        x = clipped(x, bound, dtype)
        return self.norm_out(x)


class Gemma4AudioModel(Model):
    """Frames `[B, T, bands]` to tokens, one of four frames; `attention_mask` `[B, T]` says which are real."""

    def __init__(self, config):
        super().__init__(config)
        self.subsample_conv_projection = Gemma4AudioSubSampleConvProjection(config)
        self.rel_pos_enc = Gemma4AudioRelPositionalEncoding(config)
        self.layers = nn.ModuleList([Gemma4AudioLayer(config) for _ in range(config.num_hidden_layers)])
        self.output_proj = nn.Linear(config.hidden_size, config.output_proj_dims)

    def inputs(self):
        """Thirty seconds of a hundred frames each; four bands make one of the linear layer's."""
        return {"input_features": f"float32[B, 3000, {self.config.subsampling_conv_channels[0]}]"}

    def mask(self, x, real):
        """What each frame may look at, `[B, 1, blocks, frames, context]`."""
        config, length, size = self.config, x.shape[1], self.config.attention_chunk_size
        real = None if real is None else filled(real.to(device=x.device, dtype=torch.bool), length)
        rows = torch.arange(length, device=x.device) + 0
        columns = torch.arange(length, device=x.device) + 0
        distance = rows[None, None, :, None] - columns[None, None, None, :]
        near = ((distance >= 0) & (distance < config.back)) | ((distance < 0) & (-distance < config.ahead))
        near = rows.new_ones((), dtype=torch.bool) & near & (rows >= 0)[None, None, :, None]
        mask = finished(config, x, near, real, columns)
        count = (length + size - 1) // size
        missing = count * size - length
        mask = F.pad(mask, (0, missing, 0, missing), value=False)
        mask = mask.reshape(x.shape[0], 1, count, size, count * size)
        mask = F.pad(mask, (config.back, config.ahead), value=False)
        seen = torch.arange(count, device=x.device)[:, None] * size + torch.arange(config.context, device=x.device)[None, :]
        return mask.gather(-1, seen[None, None, :, None, :].expand(x.shape[0], 1, -1, size, -1))

    def forward(self, input_features=None, attention_mask=None, **kwargs):
        x, real = self.subsample_conv_projection(input_features, attention_mask)
        positions = self.rel_pos_enc(x)
        mask = self.mask(x, real)
        for layer in self.layers:
            x = layer(x, mask, positions)
        return Output(last_hidden_state=self.output_proj(x))
