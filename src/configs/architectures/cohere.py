"""Cohere: attention and feed-forward side by side behind one norm without bias."""
import torch
from torch import nn

from .parts.config import Config
from .parts.decoder import Attention, Decoder, DecoderLayer
from .parts.heads import ForCausalLM


class CohereConfig(Config):
    model_type = "cohere"
    rope_theta = 500000.0
    defaults = dict(
        vocab_size=256000,
        hidden_size=8192,
        intermediate_size=22528,
        num_hidden_layers=40,
        num_attention_heads=64,
        logit_scale=0.0625,
        hidden_act="silu",
        max_position_embeddings=8192,
        layer_norm_eps=1e-5,
        pad_token_id=0,
        tie_word_embeddings=True,
        attention_bias=False,
        attention_dropout=0.0,
        use_qk_norm=False,
    )

    def complete(self, given):
        self.num_key_value_heads = self.num_key_value_heads or self.num_attention_heads


class CohereLayerNorm(nn.Module):
    """LayerNorm without bias, in float32; `size` may be heads and their width."""

    def __init__(self, size, eps=1e-5):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.eps = eps

    def forward(self, x):
        dtype = x.dtype
        x = x.to(torch.float32)
        centred = x - x.mean(-1, keepdim=True)
        x = centred * torch.rsqrt(centred.pow(2).mean(-1, keepdim=True) + self.eps)
        return (self.weight.to(torch.float32) * x).to(dtype)


class CohereAttention(Attention):
    pairs = True

    def __init__(self, config, layer, **more):
        super().__init__(config, layer, bias=config.attention_bias, **more)
        if config.use_qk_norm:
            self.q_norm = CohereLayerNorm((config.num_attention_heads, self.head_dim), config.layer_norm_eps)
            self.k_norm = CohereLayerNorm((config.num_key_value_heads, self.head_dim), config.layer_norm_eps)

    def heads(self, x):
        shape = (*x.shape[:-1], -1, self.head_dim)
        query, key, value = (proj(x).view(shape) for proj in (self.q_proj, self.k_proj, self.v_proj))
        if self.config.use_qk_norm:
            query, key = self.q_norm(query), self.k_norm(key)
        return query.transpose(1, 2), key.transpose(1, 2), value.transpose(1, 2)


class CohereDecoderLayer(DecoderLayer):
    def norms(self, config):
        self.input_layernorm = CohereLayerNorm(config.hidden_size, config.layer_norm_eps)

    def attention(self, config, layer):
        return CohereAttention(config, layer)

    def forward(self, x, positions=None, mask=None, cache=None):
        normed = self.input_layernorm(x)
        attended, weights = self.self_attn(normed, positions, mask, cache)
        fed = self.mlp(normed)
        return x + attended + fed


class CohereModel(Decoder):
    layer_class = CohereDecoderLayer

    def last_norm(self, config):
        return CohereLayerNorm(config.hidden_size, config.layer_norm_eps)


class ScaledLM(ForCausalLM):
    def scaled(self, logits):
        return logits * self.config.logit_scale


class CohereForCausalLM(ScaledLM):
    base = CohereModel
