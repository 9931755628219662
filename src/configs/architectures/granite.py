"""Granite: Llama with multipliers on embeddings, residuals, scores and logits."""
from .parts.config import Config
from .parts.decoder import Attention, Decoder, DecoderLayer, GatedMLP
from .parts.heads import ForCausalLM


class GraniteConfig(Config):
    model_type = "granite"
    rope_theta = 10000.0
    defaults = dict(
        vocab_size=32000,
        hidden_size=4096,
        intermediate_size=11008,
        num_hidden_layers=32,
        num_attention_heads=32,
        hidden_act="silu",
        max_position_embeddings=2048,
        rms_norm_eps=1e-6,
        tie_word_embeddings=False,
        attention_bias=False,
        attention_dropout=0.0,
        mlp_bias=False,
        embedding_multiplier=1.0,
        logits_scaling=1.0,
        residual_multiplier=1.0,
        attention_multiplier=1.0,
    )

    def complete(self, given):
        self.num_key_value_heads = self.num_key_value_heads or self.num_attention_heads


class GraniteAttention(Attention):
    def __init__(self, config, layer):
        super().__init__(config, layer, bias=config.attention_bias)
        self.scale = config.attention_multiplier


class GraniteDecoderLayer(DecoderLayer):
    def __init__(self, config, layer):
        super().__init__(config, layer)
        self.multiplier = config.residual_multiplier

    def attention(self, config, layer):
        return GraniteAttention(config, layer)

    def feed_forward(self, config, layer):
        return GatedMLP(config, bias=config.mlp_bias)

    def forward(self, x, positions=None, mask=None, cache=None):
        before = x
        x = self.input_layernorm(x)
        x, weights = self.self_attn(x, positions, mask, cache)
        x = before + x * self.multiplier
        before = x
        x = self.post_attention_layernorm(x)
        x = self.mlp(x)
        return before + x * self.multiplier


class GraniteModel(Decoder):
    layer_class = GraniteDecoderLayer

    def embedded(self, x):
        return x * self.config.embedding_multiplier

    def window(self, layer):
        return None


class GraniteForCausalLM(ForCausalLM):
    base = GraniteModel

    def scaled(self, logits):
        return logits / self.config.logits_scaling
