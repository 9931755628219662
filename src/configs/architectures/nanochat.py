"""nanochat: norms without weights, a plain feed-forward of squared ReLU, capped logits."""
import torch
from torch import nn

from .parts.config import Config
from .parts.decoder import Attention, Decoder, DecoderLayer, PlainMLP
from .gemma2 import CappedLM


class NanoChatConfig(Config):
    model_type = "nanochat"
    rope_theta = 10000.0
    defaults = dict(
        vocab_size=50304,
        hidden_size=768,
        intermediate_size=8192,
        num_hidden_layers=12,
        num_attention_heads=6,
        hidden_act="relu2",
        max_position_embeddings=2048,
        rms_norm_eps=1e-6,
        final_logit_softcapping=15.0,
        attention_bias=False,
        attention_dropout=0.0,
        tie_word_embeddings=False,
        pad_token_id=1,
    )

    def complete(self, given):
        self.num_key_value_heads = self.num_key_value_heads or self.num_attention_heads


class L2Norm(nn.Module):
    """RMSNorm without a weight."""

    def __init__(self, size=None, eps=1e-6):
        super().__init__()
        self.eps = eps

    def forward(self, x):
        out = x.float()
        return (out * torch.rsqrt(out.pow(2).mean(-1, keepdim=True) + self.eps)).type_as(x)


class NanoChatAttention(Attention):
    def __init__(self, config, layer):
        super().__init__(config, layer, bias=config.attention_bias)
        self.q_norm, self.k_norm = L2Norm(eps=config.rms_norm_eps), L2Norm(eps=config.rms_norm_eps)

    def turn(self, query, key, positions):
        query, key = super().turn(query, key, positions)
        return self.q_norm(query), self.k_norm(key)


class NanoChatDecoderLayer(DecoderLayer):
    norm = L2Norm

    def attention(self, config, layer):
        return NanoChatAttention(config, layer)

    def feed_forward(self, config, layer):
        return PlainMLP(config, bias=False)


class NanoChatModel(Decoder):
    layer_class = NanoChatDecoderLayer
    norm_class = L2Norm

    def embedded(self, x):
        return self.norm(x)


class NanoChatForCausalLM(CappedLM):
    base = NanoChatModel
