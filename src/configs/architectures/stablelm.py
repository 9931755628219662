"""StableLM: Llama with LayerNorm and rotary positions on a quarter of each head."""
import torch
from torch import nn

from .parts.attention import split_heads
from .parts.config import Config
from .parts.decoder import Attention, Decoder, DecoderLayer
from .parts.heads import ForCausalLM, SequenceHead, TokenHead
from .parts.rotary import RotaryEmbedding


class StableLmConfig(Config):
    model_type = "stablelm"
    rope_theta = 10000.0
    defaults = dict(
        vocab_size=50304,
        hidden_size=2560,
        intermediate_size=6912,
        num_hidden_layers=32,
        num_attention_heads=32,
        num_key_value_heads=32,
        hidden_act="silu",
        max_position_embeddings=4096,
        layer_norm_eps=1e-5,
        tie_word_embeddings=False,
        use_qkv_bias=False,
        qk_layernorm=False,
        use_parallel_residual=False,
        hidden_dropout=0.0,
        attention_dropout=0.0,
        partial_rotary_factor=0.25,
    )


class NormPerHead(nn.Module):
    """A LayerNorm of its own for each head."""

    def __init__(self, width, heads, eps):
        super().__init__()
        self.norms = nn.ModuleList([nn.LayerNorm(width, eps=eps, bias=False) for _ in range(heads)])

    def forward(self, x):
        return torch.cat([norm(one) for norm, one in zip(self.norms, torch.split(x, 1, dim=1))], dim=1)


class StableLmAttention(Attention):
    def __init__(self, config, layer):
        super().__init__(config, layer, bias=config.use_qkv_bias, out_bias=False)
        if config.qk_layernorm:
            self.q_layernorm = NormPerHead(self.head_dim, config.num_attention_heads, config.layer_norm_eps)
            self.k_layernorm = NormPerHead(self.head_dim, config.num_key_value_heads, config.layer_norm_eps)

    def heads(self, x):
        query, key, value = (split_heads(proj(x), self.head_dim) for proj in (self.q_proj, self.k_proj, self.v_proj))
        if self.config.qk_layernorm:
            query, key = self.q_layernorm(query), self.k_layernorm(key)
        return query, key, value


class StableLmDecoderLayer(DecoderLayer):
    def norms(self, config):
        self.parallel = config.use_parallel_residual
        self.input_layernorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.post_attention_layernorm = None if self.parallel else nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.dropout = nn.Dropout(config.hidden_dropout)

    def attention(self, config, layer):
        return StableLmAttention(config, layer)

    def forward(self, x, positions=None, mask=None, cache=None):
        normed = self.input_layernorm(x)
        attended, weights = self.self_attn(normed, positions, mask, cache)
        if self.parallel:
            fed = self.mlp(normed)
            fed = self.dropout(fed)
            return x + attended + fed
        x = x + attended
        fed = self.mlp(self.post_attention_layernorm(x))
        fed = self.dropout(fed)
        return x + fed


class StableLmModel(Decoder):
    layer_class = StableLmDecoderLayer

    def last_norm(self, config):
        return nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)

    def rotary(self, config):
        return RotaryEmbedding(config, partial=True)


class StableLmForCausalLM(ForCausalLM):
    base = StableLmModel


class StableLmForSequenceClassification(SequenceHead):
    base = StableLmModel


class StableLmForTokenClassification(TokenHead):
    base = StableLmModel
