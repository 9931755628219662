"""Helium: Llama whose neighbouring features turn together."""
import torch

from .parts.attention import RMSNorm
from .parts.config import Config
from .parts.decoder import Attention, Decoder, DecoderLayer, GatedMLP
from .parts.heads import ForCausalLM, SequenceHead, TokenHead


class HeliumConfig(Config):
    model_type = "helium"
    rope_theta = 100000.0
    defaults = dict(
        vocab_size=48000,
        hidden_size=2560,
        intermediate_size=7040,
        num_hidden_layers=24,
        num_attention_heads=20,
        num_key_value_heads=20,
        head_dim=128,
        hidden_act="silu",
        max_position_embeddings=4096,
        rms_norm_eps=1e-8,
        tie_word_embeddings=False,
        attention_bias=False,
        attention_dropout=0.0,
        mlp_bias=False,
        pad_token_id=3,
    )


class HeliumAttention(Attention):
    pairs = True


class HeliumRMSNorm(RMSNorm):
    def weighed(self, x, dtype):
        return (self.weight.to(torch.float32) * x).to(dtype)


class HeliumDecoderLayer(DecoderLayer):
    norm = HeliumRMSNorm

    def attention(self, config, layer):
        return HeliumAttention(config, layer, bias=config.attention_bias, out_bias=False)

    def feed_forward(self, config, layer):
        return GatedMLP(config, bias=config.mlp_bias)


class HeliumModel(Decoder):
    layer_class = HeliumDecoderLayer
    norm_class = HeliumRMSNorm


class HeliumForCausalLM(ForCausalLM):
    base = HeliumModel


class HeliumForSequenceClassification(SequenceHead):
    base = HeliumModel


class HeliumForTokenClassification(TokenHead):
    base = HeliumModel
