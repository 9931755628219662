"""Phi: attention and feed-forward side by side, rotary positions on a part of each head."""
from torch import nn

from .parts.attention import split_heads
from .parts.config import Config
from .parts.decoder import Attention, Decoder, DecoderLayer, PlainMLP
from .parts.heads import ForCausalLM, SequenceHead, TokenHead
from .parts.rotary import RotaryEmbedding


class PhiConfig(Config):
    model_type = "phi"
    rope_theta = 10000.0
    defaults = dict(
        vocab_size=51200,
        hidden_size=2048,
        intermediate_size=8192,
        num_hidden_layers=24,
        num_attention_heads=32,
        resid_pdrop=0.0,
        embd_pdrop=0.0,
        hidden_act="gelu_new",
        max_position_embeddings=2048,
        layer_norm_eps=1e-5,
        tie_word_embeddings=False,
        qk_layernorm=False,
        attention_dropout=0.0,
        partial_rotary_factor=0.5,
    )

    def complete(self, given):
        self.num_key_value_heads = self.num_key_value_heads or self.num_attention_heads


class PhiAttention(Attention):
    out_name = "dense"

    def __init__(self, config, layer):
        super().__init__(config, layer, bias=True)
        if config.qk_layernorm:
            self.q_layernorm = nn.LayerNorm(self.head_dim, eps=config.layer_norm_eps)
            self.k_layernorm = nn.LayerNorm(self.head_dim, eps=config.layer_norm_eps)

    def heads(self, x):
        query, key, value = (split_heads(proj(x), self.head_dim) for proj in (self.q_proj, self.k_proj, self.v_proj))
        if self.config.qk_layernorm:
            query, key = self.q_layernorm(query), self.k_layernorm(key)
        return query, key, value


class PhiDecoderLayer(DecoderLayer):
    def norms(self, config):
        self.input_layernorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.resid_dropout = nn.Dropout(config.resid_pdrop)

    def attention(self, config, layer):
        return PhiAttention(config, layer)

    def feed_forward(self, config, layer):
        return PlainMLP(config)

    def forward(self, x, positions=None, mask=None, cache=None):
        normed = self.input_layernorm(x)
        attended, weights = self.self_attn(normed, positions, mask, cache)
        attended = self.resid_dropout(attended)
        fed = self.resid_dropout(self.mlp(normed))
        return attended + fed + x


class PhiModel(Decoder):
    layer_class = PhiDecoderLayer
    norm_name = "final_layernorm"

    def __init__(self, config):
        super().__init__(config)
        self.embed_dropout = nn.Dropout(config.embd_pdrop)

    def last_norm(self, config):
        return nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)

    def rotary(self, config):
        return RotaryEmbedding(config, partial=True)

    def embedded(self, x):
        return self.embed_dropout(x)


class PhiForCausalLM(ForCausalLM):
    base = PhiModel
    bias = True


class PhiForSequenceClassification(SequenceHead):
    base = PhiModel


class PhiForTokenClassification(TokenHead):
    base = PhiModel
