"""Apertus: normalised heads and a plain feed-forward with a learned activation."""
from .parts.attention import RMSNorm
from .parts.config import Config
from .parts.decoder import Attention, Decoder, DecoderLayer, PlainMLP
from .parts.heads import ForCausalLM, TokenHead
from .qwen3 import NormedAttention


class ApertusConfig(Config):
    model_type = "apertus"
    rope_theta = 12000000.0
    defaults = dict(
        vocab_size=131072,
        hidden_size=4096,
        intermediate_size=14336,
        num_hidden_layers=32,
        num_attention_heads=32,
        hidden_act="xielu",
        max_position_embeddings=65536,
        rms_norm_eps=1e-5,
        pad_token_id=3,
        tie_word_embeddings=False,
        attention_bias=False,
        attention_dropout=0.0,
    )

    def complete(self, given):
        self.num_key_value_heads = self.num_key_value_heads or self.num_attention_heads


class ApertusMLP(PlainMLP):
    names = ("up_proj", "down_proj", "act_fn")


class ApertusAttention(NormedAttention):
    def heads(self, x):
        query, key, value = Attention.heads(self, x)
        return self.q_norm(query), self.k_norm(key), value


class ApertusDecoderLayer(DecoderLayer):
    def norms(self, config):
        self.attention_layernorm = RMSNorm(config.hidden_size, eps=config.rms_norm_eps)
        self.feedforward_layernorm = RMSNorm(config.hidden_size, eps=config.rms_norm_eps)

    def attention(self, config, layer):
        return ApertusAttention(config, layer, bias=config.attention_bias)

    def feed_forward(self, config, layer):
        return ApertusMLP(config, bias=False)

    def forward(self, x, positions=None, mask=None, cache=None):
        before = x
        x = self.attention_layernorm(x)
        x, weights = self.self_attn(x, positions, mask, cache)
        x = before + x
        before = x
        x = self.feedforward_layernorm(x)
        x = self.mlp(x)
        return before + x


class ApertusModel(Decoder):
    layer_class = ApertusDecoderLayer


class ApertusForCausalLM(ForCausalLM):
    base = ApertusModel


class ApertusForTokenClassification(TokenHead):
    base = ApertusModel
