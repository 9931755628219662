"""Llama 4's language model: attention in chunks with complex rotation, none at every fourth layer, and experts by their scores."""
import torch
from torch import nn
from torch.nn import functional as F

from .parts.activations import activation
from .parts.attention import attend
from .parts.block import Block
from .parts.cache import keep
from .parts.config import Config
from .parts.decoder import Attention, Decoder
from .parts.heads import ForCausalLM
from .parts.masks import decoder_mask, is_eager
from .parts.rotary import RotaryEmbedding


class Llama4TextConfig(Config):
    model_type = "llama4_text"
    rope_theta = 500000.0
    defaults = dict(
        vocab_size=202048,
        hidden_size=5120,
        intermediate_size=8192,
        intermediate_size_mlp=16384,
        num_hidden_layers=48,
        num_attention_heads=40,
        num_key_value_heads=8,
        head_dim=128,
        hidden_act="silu",
        max_position_embeddings=131072,
        rms_norm_eps=1e-5,
        tie_word_embeddings=False,
        attention_dropout=0.0,
        num_experts_per_tok=1,
        num_local_experts=16,
        interleave_moe_layer_step=1,
        use_qk_norm=True,
        no_rope_layer_interval=4,
        attention_chunk_size=8192,
        attn_temperature_tuning=True,
        floor_scale=8192,
        attn_scale=0.1,
        attention_bias=False,
    )

    def complete(self, given):
        layers, step = self.num_hidden_layers, self.interleave_moe_layer_step
        self.num_key_value_heads = self.num_key_value_heads or self.num_attention_heads
        self.head_dim = self.head_dim or self.hidden_size // self.num_attention_heads
        self.no_rope_layers = self.no_rope_layers or [int((i + 1) % self.no_rope_layer_interval != 0) for i in range(layers)]
        if self.moe_layers is None:
            self.moe_layers = list(range(step - 1, layers, step))
        if self.layer_types is None:
            self.layer_types = ["chunked_attention" if turned else "full_attention" for turned in self.no_rope_layers]


class Llama4RotaryEmbedding(RotaryEmbedding):
    """Positions as complex numbers `[B, T, width / 2]`."""

    @torch.no_grad()
    def forward(self, x, position_ids):
        frequencies = self.inv_freq[None, :, None].float().expand(position_ids.shape[0], -1, 1)
        places = position_ids[:, None, :].float()
        with torch.autocast(device_type=x.device.type, enabled=False):
            angles = (frequencies @ places).transpose(1, 2)
            turns = torch.polar(torch.ones_like(angles), angles)
            turns = turns * self.scaling
        return turns


def complex_rotate(query, key, turns):
    """`[B, T, heads, width]`, neighbouring features as one complex number."""
    wide_query = torch.view_as_complex(query.float().reshape(*query.shape[:-1], -1, 2))
    wide_key = torch.view_as_complex(key.float().reshape(*key.shape[:-1], -1, 2))
    query_out = torch.view_as_real(wide_query * turns).flatten(3)
    key_out = torch.view_as_real(wide_key * turns).flatten(3)
    return query_out.type_as(query), key_out.type_as(key)


class L2Norm(nn.Module):
    def __init__(self, eps):
        super().__init__()
        self.eps = eps

    def forward(self, x):
        return self.divided(x.float()).type_as(x)

    def divided(self, x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.eps)


class Llama4RMSNorm(L2Norm):
    def __init__(self, size, eps=1e-5):
        super().__init__(eps)
        self.weight = nn.Parameter(torch.ones(size))

    def forward(self, x):
        return super().forward(x) * self.weight


class Llama4Attention(Attention):
    """Layers without positions scale their queries by the logarithm of where they stand."""

    def __init__(self, config, layer):
        super().__init__(config, layer, bias=config.attention_bias, window=chunk_of(config, layer))
        self.turned = config.no_rope_layers[layer]
        if config.use_qk_norm and self.turned:
            self.qk_norm = L2Norm(config.rms_norm_eps)

    def forward(self, x, positions=None, mask=None, cache=None):
        shape = (*x.shape[:-1], -1, self.head_dim)
        query = self.q_proj(x).view(shape)
        key = self.k_proj(x).view(shape)
        value = self.v_proj(x).view(shape).transpose(1, 2)
        if self.turned:
            query, key = complex_rotate(query, key, positions[:, :, None, :])
            if self.config.use_qk_norm:
                query = self.qk_norm(query)
                key = self.qk_norm(key)
        elif self.config.attn_temperature_tuning:
            query = self.tempered(query, 0 if cache is None else cache.length(self.layer))
        query, key = query.transpose(1, 2), key.transpose(1, 2)
        key, value = keep(key, value, cache, self.layer, self.window)
        dropout = self.config.attention_dropout if self.training else 0.0
        eager = is_eager(self.config)
        out, weights = attend(query, key, value, mask, True, self.scale, dropout, eager, wide=False)
        out = out.reshape(*x.shape[:-1], -1)
        return self.o_proj(out), weights

    def tempered(self, query, past):
        places = torch.arange(query.shape[1], device=query.device) + past
        scales = torch.log1p(torch.floor((places.float() + 1.0) / self.config.floor_scale)) * self.config.attn_scale + 1.0
        scales = scales.view((1, query.shape[1], 1, 1)).expand((*query.shape[:2], 1, 1))
        return (query * scales).to(query.dtype)


class Llama4MLP(nn.Module):
    def __init__(self, config, width):
        super().__init__()
        self.gate_proj = nn.Linear(config.hidden_size, width, bias=False)
        self.up_proj = nn.Linear(config.hidden_size, width, bias=False)
        self.down_proj = nn.Linear(width, config.hidden_size, bias=False)
        self.activation_fn = activation(config.hidden_act)

    def forward(self, x):
        x = self.activation_fn(self.gate_proj(x)) * self.up_proj(x)
        return self.down_proj(x)


class Llama4Experts(nn.Module):
    """Every expert reads every token; the scores of those not chosen are zero."""

    def __init__(self, config):
        super().__init__()
        count, size, width = config.num_local_experts, config.hidden_size, config.intermediate_size
        self.gate_up_proj = nn.Parameter(torch.zeros(count, size, 2 * width))
        self.down_proj = nn.Parameter(torch.empty(count, width, size))
        self.act_fn = activation(config.hidden_act)

    def forward(self, x):
        size = x.shape[-1]
        x = x.view(self.gate_up_proj.shape[0], -1, size)
        both = torch.bmm(x, self.gate_up_proj)
        gate, up = both.chunk(2, dim=-1)
        out = torch.bmm((up * self.act_fn(gate)), self.down_proj)
        return out.view(-1, size)


class Llama4Router(nn.Linear):
    def __init__(self, config):
        super().__init__(config.hidden_size, config.num_local_experts, bias=False)
        self.chosen = config.num_experts_per_tok

    def forward(self, x):
        logits = super().forward(x)
        best, chosen = torch.topk(logits, self.chosen, dim=1)
        scores = torch.full_like(logits, float("-inf")).scatter_(1, chosen, best)
        scores = F.sigmoid(scores.float()).to(scores.dtype)
        return scores, logits


class Llama4Moe(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.experts = Llama4Experts(config)
        self.router = Llama4Router(config)
        self.shared_expert = Llama4MLP(config, config.intermediate_size)

    def forward(self, x):
        shape = x.shape
        x = x.reshape(-1, shape[-1])
        scores, logits = self.router(x)
        routed = x.repeat(scores.shape[1], 1)
        routed = routed * scores.transpose(0, 1).reshape(-1, 1)
        mixed = self.experts(routed)
        out = self.shared_expert(x)
        out.add_(mixed.reshape(scores.shape[1], -1, shape[-1]).sum(dim=0))
        return out.view(shape)


class Llama4DecoderLayer(Block):
    def __init__(self, config, layer):
        super().__init__()
        self.self_attn = Llama4Attention(config, layer)
        self.feed_forward = Llama4Moe(config) if layer in config.moe_layers else Llama4MLP(config, config.intermediate_size_mlp)
        self.input_layernorm = Llama4RMSNorm(config.hidden_size, eps=config.rms_norm_eps)
        self.post_attention_layernorm = Llama4RMSNorm(config.hidden_size, eps=config.rms_norm_eps)

    def forward(self, x, positions=None, mask=None, cache=None):
        before = x
        x = self.input_layernorm(x)
        mixed, weights = self.self_attn(x, positions, mask, cache)
        x = before + mixed
        before = x
        x = self.post_attention_layernorm(x)
        x = self.feed_forward(x)
        return before + x


def chunk_of(config, layer):
    """The size of the chunks a layer attends in; None for a layer that attends to everything."""
    return config.attention_chunk_size if config.layer_types[layer] == "chunked_attention" else None


class Llama4TextModel(Decoder):
    layer_class, norm_class = Llama4DecoderLayer, Llama4RMSNorm

    def rotary(self, config):
        return Llama4RotaryEmbedding(config)

    def window(self, layer):
        return chunk_of(self.config, layer)

    def masks_of(self, windows, x, padding, cache, positions):
        config = self.config
        return {size: decoder_mask(config, x, padding, size, cache, positions, chunked=size is not None) for size in windows}


class Llama4ForCausalLM(ForCausalLM):
    base = Llama4TextModel
