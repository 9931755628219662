"""Gemma 3n, its language model: four residual streams of which one is computed and the others are predicted, an embedding for each layer,
and keys shared by the last layers."""
import math

import torch
from torch import nn

from .gemma import ScaledEmbedding
from .gemma2 import CappedLM
from .gemma4_text import Gemma4RMSNorm, Gemma4TextAttention
from .parts.activations import activation
from .parts.block import Block
from .parts.cache import Cache
from .parts.config import Config, alternating, typed_rotary
from .parts.decoder import GatedMLP, TypedDecoder
from .parts.output import Output


class Gemma3nTextConfig(Config):
    model_type = "gemma3n_text"
    whole_heads = True
    rope_theta = 1000000.0
    defaults = dict(
        vocab_size=262400,
        hidden_size=2048,
        intermediate_size=16384,
        num_hidden_layers=35,
        num_attention_heads=8,
        num_key_value_heads=2,
        head_dim=256,
        hidden_activation="gelu_pytorch_tanh",
        max_position_embeddings=32768,
        rms_norm_eps=1e-6,
        pad_token_id=0,
        attention_bias=False,
        attention_dropout=0.0,
        sliding_window=512,
        final_logit_softcapping=30.0,
        vocab_size_per_layer_input=262144,
        hidden_size_per_layer_input=256,
        altup_active_idx=0,
        altup_coef_clip=120.0,
        altup_correct_scale=True,
        altup_num_inputs=4,
        num_kv_shared_layers=15,
        laurel_rank=64,
    )

    def complete(self, given):
        count = self.num_hidden_layers
        self.layer_types = self.layer_types or alternating(self, 5)
        if not isinstance(self.intermediate_size, (list, tuple)):
            self.intermediate_size = [self.intermediate_size] * count
        if self.activation_sparsity_pattern is None:
            sparse = 10 if count > 10 else 0
            self.activation_sparsity_pattern = [0.95] * sparse + [0.0] * (count - sparse)
        for name in ("intermediate_size", "activation_sparsity_pattern"):
            if len(getattr(self, name)) != count:
                raise ValueError(f"{name} has {len(getattr(self, name))} values for num_hidden_layers {count}")

    def rotary(self, given):
        return typed_rotary(self, given, self.rope_theta, 10000.0)

    def at(self, layer, name):
        """All layers' heads are alike."""
        return getattr(self, name)


class LaurelBlock(nn.Module):
    """A residual through a narrow layer."""

    def __init__(self, config):
        super().__init__()
        self.linear_left = nn.Linear(config.hidden_size, config.laurel_rank, bias=False)
        self.linear_right = nn.Linear(config.laurel_rank, config.hidden_size, bias=False)
        self.post_laurel_norm = Gemma4RMSNorm(config.hidden_size, config.rms_norm_eps)

    def forward(self, x):
        narrow = self.linear_left(x)
        narrow = self.linear_right(narrow)
        return x + self.post_laurel_norm(narrow)


class SparseGatedMLP(GatedMLP):
    """A gated feed-forward; where `share` is given, that share of the gates, taken to be normal, is set to zero."""

    def __init__(self, config, layer):
        super().__init__(config, config.intermediate_size[layer], act=config.hidden_activation)
        self.share = config.activation_sparsity_pattern[layer]

    def forward(self, x):
        gate = self.gate_proj(x)
        if self.share > 0.0:
            gate = self.largest(gate)
        gate = self.act_fn(gate)
        up = self.up_proj(x)
        return self.down_proj(gate * up)

    def largest(self, x):
        share = torch.tensor(self.share, dtype=torch.float32, device=x.device)
        deviations = (torch.erfinv(2 * share - 1) * math.sqrt(2)).type(x.dtype)
        mean = torch.mean(x, dim=-1, keepdim=True)
        spread = torch.std(x, dim=-1, keepdim=True, unbiased=False)
        least = mean + spread * deviations
        return nn.functional.relu(x - least)


class AltUp(nn.Module):
    """Alternating updates: predicts all streams `[streams, B, T, size]` before a layer, and corrects them by what it makes of one."""

    def __init__(self, config):
        super().__init__()
        self.config, count = config, config.altup_num_inputs
        self.correct_output_scale = nn.Parameter(torch.zeros(config.hidden_size))
        self.correction_coefs = nn.Linear(count, count, bias=False)
        self.prediction_coefs = nn.Linear(count, count**2, bias=False)
        self.modality_router = nn.Linear(config.hidden_size, count, bias=False)
        self.router_norm = Gemma4RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.register_buffer("router_input_scale", torch.tensor(config.hidden_size**-1.0), persistent=False)

    def routed(self, x):
        x = self.router_norm(x) * self.router_input_scale
        x = self.modality_router(x)
        return torch.tanh(x.float()).type_as(x)

    def predict(self, streams):
        config, count = self.config, self.config.altup_num_inputs
        shares = self.routed(streams[config.altup_active_idx])
        if self.training and config.altup_coef_clip is not None:
            self.prediction_coefs.weight.data.clamp_(-config.altup_coef_clip, config.altup_coef_clip)
        mixer = self.prediction_coefs(shares).reshape(*shares.shape[:-1], count, count).permute(0, 1, 3, 2)
        predicted = torch.matmul(streams.permute(1, 2, 3, 0), mixer)
        predicted = predicted.permute(3, 0, 1, 2)
        predicted += streams
        return predicted.contiguous().type_as(streams)

    def correct(self, predicted, computed):
        config, count = self.config, self.config.altup_num_inputs
        shares = self.routed(computed)
        news = computed - predicted[config.altup_active_idx]
        news = news.repeat(count, 1, 1, 1)
        if self.training and config.altup_coef_clip is not None:
            weight = self.correction_coefs.weight.clamp(-config.altup_coef_clip, config.altup_coef_clip)
            mixer = nn.functional.linear(shares, weight, bias=None) + 1.0
        else:
            mixer = self.correction_coefs(shares) + 1.0
        mixer = mixer.permute(2, 0, 1).unsqueeze(-1)
        corrected = torch.mul(news, mixer)
        corrected += predicted
        return corrected.contiguous().type_as(computed)

    def forward(self, x):
        return (x.type_as(self.correct_output_scale) * self.correct_output_scale).type_as(x)


class Gemma3nTextDecoderLayer(Block):
    positional = 3

    def __init__(self, config, layer):
        super().__init__()
        self.config = config
        size, inner = config.hidden_size, config.hidden_size_per_layer_input
        self.self_attn = Gemma4TextAttention(config, layer)
        self.mlp = SparseGatedMLP(config, layer)
        names = ("input_layernorm", "post_attention_layernorm", "pre_feedforward_layernorm", "post_feedforward_layernorm", "post_per_layer_input_norm")
        for name in names:
            setattr(self, name, Gemma4RMSNorm(size, config.rms_norm_eps))
        self.act_fn = activation(config.hidden_activation)
        self.altup = AltUp(config)
        self.laurel = LaurelBlock(config)
        self.per_layer_input_gate = nn.Linear(size, inner, bias=False)
        self.per_layer_projection = nn.Linear(inner, size, bias=False)

    def forward(self, streams, positions, own, mask=None, cache=None, held=None):
        active = self.config.altup_active_idx
        predicted = self.altup.predict(streams)
        one = predicted[active]
        normed = self.input_layernorm(one)
        narrow = self.laurel(normed)
        out = self.self_attn(normed, positions, mask, cache, held)
        out = self.post_attention_layernorm(out)
        gated = one + out
        both = (gated + narrow) / math.sqrt(2)
        inner = self.pre_feedforward_layernorm(both)
        inner = self.mlp(inner)
        inner = self.post_feedforward_layernorm(inner)
        computed = both + inner
        corrected = self.altup.correct(predicted, computed)
        first = corrected[active].clone()
        if self.config.altup_correct_scale:
            first = self.altup(first)
        first = self.per_layer_input_gate(first)
        first = self.act_fn(first)
        first = torch.multiply(first, own)
        first = self.per_layer_projection(first)
        first = self.post_per_layer_input_norm(first)
        corrected[1:] += first
        return corrected


class Gemma3nTextModel(TypedDecoder):
    layer_class = Gemma3nTextDecoderLayer
    norm_class = Gemma4RMSNorm

    def __init__(self, config):
        super().__init__(config)
        size, inner, count = config.hidden_size, config.hidden_size_per_layer_input, config.num_hidden_layers
        self.embed_tokens_per_layer = ScaledEmbedding(config.vocab_size_per_layer_input, count * inner, config.pad_token_id, inner**0.5)
        self.per_layer_model_projection = nn.Linear(size, count * inner, bias=False)
        self.per_layer_projection_norm = Gemma4RMSNorm(inner, config.rms_norm_eps)
        others = range(1, config.altup_num_inputs)
        self.altup_projections = nn.ModuleList([nn.Linear(size, size, bias=False) for _ in others])
        self.altup_unembed_projections = nn.ModuleList([nn.Linear(size, size, bias=False) for _ in others])
        self.register_buffer("per_layer_projection_scale", torch.tensor(size**-0.5), persistent=False)
        self.register_buffer("per_layer_input_scale", torch.rsqrt(torch.tensor(2.0)), persistent=False)

    def embedding(self, config):
        return ScaledEmbedding(config.vocab_size, config.hidden_size, config.pad_token_id, config.hidden_size**0.5)

    def own_inputs(self, input_ids, x, own):
        """Each token's vector for each layer, `[B, T, layers, width]`: of its own embedding, and of its vector in the model."""
        shape = self.config.num_hidden_layers, self.config.hidden_size_per_layer_input
        if input_ids is not None:
            own = self.embed_tokens_per_layer(input_ids).reshape(*input_ids.shape, *shape)
        read = self.per_layer_model_projection(x)
        read *= self.per_layer_projection_scale.to(dtype=x.dtype)
        read = self.per_layer_projection_norm(read.reshape(*x.shape[:-1], *shape))
        return read if own is None else (read + own) * self.per_layer_input_scale.to(dtype=x.dtype)

    def forward(self, input_ids=None, attention_mask=None, position_ids=None, past_key_values=None, inputs_embeds=None, use_cache=None, per_layer_inputs=None, **kwargs):
        x = self.embed_tokens(input_ids) if inputs_embeds is None else inputs_embeds
        own = self.own_inputs(input_ids, x, per_layer_inputs)
        use_cache = self.caches(use_cache)
        if use_cache and past_key_values is None:
            past_key_values = Cache()
        past = 0 if past_key_values is None else past_key_values.length()
        if position_ids is None:
            position_ids = (torch.arange(x.shape[1], device=x.device) + past).unsqueeze(0)
        masks = self.masks(x, attention_mask, past_key_values, position_ids)
        least = torch.tensor(1e-5)
        size = torch.mean(x**2, dim=-1, keepdim=True) ** 0.5
        parts = [x] + [resized(project(x), x, size, least) for project in self.altup_projections]
        streams = torch.stack(parts, dim=0)
        positions = self.positions(streams, position_ids)
        held = {}
        for i, layer in enumerate(self.layers):
            streams = layer(streams, self.positions_for(positions, i), own[:, :, i, :], masks[self.window(i)], past_key_values, held)
        size = torch.mean(streams[0] ** 2, dim=-1, keepdim=True) ** 0.5
        parts = [streams[0]] + [resized(project(streams[i]), x, size, least) for i, project in enumerate(self.altup_unembed_projections, 1)]
        streams = torch.stack(parts)
        streams = torch.mean(streams, dim=0)
        streams = self.norm(streams)
        return Output(last_hidden_state=streams, past_key_values=past_key_values if use_cache else None)


def resized(x, like, size, least):
    """`x` as long as another vector, whose root mean square is `size`."""
    x = x.to(dtype=like.dtype)
    own = torch.mean(x**2, dim=-1, keepdim=True)
    own = torch.sqrt(torch.maximum(own, least.to(size.device)))
    return x * size / own


class Gemma3nForCausalLM(CappedLM):
    base = Gemma3nTextModel
