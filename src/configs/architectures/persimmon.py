"""Persimmon: one product for queries, keys and values, normalised heads, squared ReLU."""
from torch import nn

from .parts.config import Config
from .parts.decoder import Attention, Decoder, DecoderLayer, PlainMLP
from .parts.heads import ForCausalLM, SequenceHead, TokenHead
from .parts.rotary import RotaryEmbedding


class PersimmonConfig(Config):
    model_type = "persimmon"
    rope_theta = 10000.0
    defaults = dict(
        vocab_size=262144,
        hidden_size=4096,
        intermediate_size=16384,
        num_hidden_layers=36,
        num_attention_heads=64,
        hidden_act="relu2",
        max_position_embeddings=16384,
        layer_norm_eps=1e-5,
        tie_word_embeddings=False,
        qk_layernorm=True,
        hidden_dropout=0.0,
        attention_dropout=0.0,
        partial_rotary_factor=0.5,
    )

    def complete(self, given):
        self.num_key_value_heads = self.num_key_value_heads or self.num_attention_heads


class PersimmonAttention(Attention):
    out_name = "dense"

    def __init__(self, config, layer):
        super().__init__(config, layer, bias=True)
        del self.q_proj, self.k_proj, self.v_proj
        self.query_key_value = nn.Linear(config.hidden_size, 3 * config.hidden_size)
        if config.qk_layernorm:
            self.q_layernorm = nn.LayerNorm(self.head_dim, eps=config.layer_norm_eps)
            self.k_layernorm = nn.LayerNorm(self.head_dim, eps=config.layer_norm_eps)

    def heads(self, x):
        fused = self.query_key_value(x).view(*x.shape[:-1], self.config.num_attention_heads, 3, self.head_dim)
        query, key, value = fused[..., 0, :], fused[..., 1, :], fused[..., 2, :]
        if self.config.qk_layernorm:
            query, key = self.q_layernorm(query), self.k_layernorm(key)
        return query.transpose(1, 2), key.transpose(1, 2), value.transpose(1, 2)


class PersimmonMLP(PlainMLP):
    names = ("dense_h_to_4h", "dense_4h_to_h", "act")


class PersimmonDecoderLayer(DecoderLayer):
    def norms(self, config):
        self.input_layernorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.post_attention_layernorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.dropout = nn.Dropout(config.hidden_dropout)

    def attention(self, config, layer):
        return PersimmonAttention(config, layer)

    def feed_forward(self, config, layer):
        return PersimmonMLP(config)

    def forward(self, x, positions=None, mask=None, cache=None):
        before = x
        x = self.input_layernorm(x)
        x, weights = self.self_attn(x, positions, mask, cache)
        x = before + x
        before = x
        x = self.post_attention_layernorm(x)
        x = self.mlp(x)
        x = self.dropout(x)
        return x + before


class PersimmonModel(Decoder):
    layer_class = PersimmonDecoderLayer
    norm_name = "final_layernorm"

    def last_norm(self, config):
        return nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)

    def rotary(self, config):
        return RotaryEmbedding(config, partial=True)


class PersimmonForCausalLM(ForCausalLM):
    base = PersimmonModel


class PersimmonForSequenceClassification(SequenceHead):
    base = PersimmonModel


class PersimmonForTokenClassification(TokenHead):
    base = PersimmonModel
