"""Seed-OSS: Llama with biases on queries, keys and values, and dropout on both halves."""
from torch import nn

from .parts.config import Config
from .parts.decoder import Attention, Decoder, DecoderLayer, GatedMLP
from .parts.heads import ForCausalLM, SequenceHead, SpanHead, TokenHead


class SeedOssConfig(Config):
    model_type = "seed_oss"
    rope_theta = 10000.0
    defaults = dict(
        vocab_size=155136,
        hidden_size=4096,
        intermediate_size=27648,
        num_hidden_layers=64,
        num_attention_heads=80,
        num_key_value_heads=8,
        head_dim=128,
        hidden_act="silu",
        max_position_embeddings=524288,
        rms_norm_eps=1e-6,
        pad_token_id=1,
        tie_word_embeddings=False,
        attention_bias=True,
        attention_out_bias=False,
        attention_dropout=0.1,
        residual_dropout=0.1,
        mlp_bias=False,
    )

    def complete(self, given):
        self.num_key_value_heads = self.num_key_value_heads or self.num_attention_heads
        self.head_dim = self.head_dim or self.hidden_size // self.num_attention_heads


class SeedOssAttention(Attention):
    def __init__(self, config, layer):
        super().__init__(config, layer, bias=config.attention_bias, out_bias=config.attention_out_bias)

    def out(self, mixed, x):
        return nn.functional.dropout(self.o_proj(mixed), p=self.config.residual_dropout, training=self.training)


class SeedOssMLP(GatedMLP):
    def __init__(self, config):
        super().__init__(config, bias=config.mlp_bias)
        self.dropout = config.residual_dropout

    def forward(self, x):
        return nn.functional.dropout(super().forward(x), p=self.dropout, training=self.training)


class SeedOssDecoderLayer(DecoderLayer):
    def attention(self, config, layer):
        return SeedOssAttention(config, layer)

    def feed_forward(self, config, layer):
        return SeedOssMLP(config)


class SeedOssModel(Decoder):
    layer_class = SeedOssDecoderLayer


class SeedOssForCausalLM(ForCausalLM):
    base = SeedOssModel


class SeedOssForSequenceClassification(SequenceHead):
    base = SeedOssModel


class SeedOssForTokenClassification(TokenHead):
    base = SeedOssModel


class SeedOssForQuestionAnswering(SpanHead):
    base = SeedOssModel
