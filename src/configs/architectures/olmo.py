"""OLMo: Llama with norms that have no weights."""
from torch import nn

from .parts.config import Config
from .parts.decoder import Attention, Decoder, DecoderLayer
from .parts.heads import ForCausalLM, SequenceHead
from .parts.rotary import WideRotaryEmbedding, wide_rotate


class OlmoConfig(Config):
    model_type = "olmo"
    rope_theta = 10000.0
    defaults = dict(
        vocab_size=50304,
        hidden_size=4096,
        intermediate_size=11008,
        num_hidden_layers=32,
        num_attention_heads=32,
        hidden_act="silu",
        max_position_embeddings=2048,
        pad_token_id=1,
        tie_word_embeddings=False,
        attention_bias=False,
        attention_dropout=0.0,
    )

    def complete(self, given):
        self.num_key_value_heads = self.num_key_value_heads or self.num_attention_heads


class OlmoLayerNorm(nn.Module):
    def __init__(self, size, eps=1e-5):
        super().__init__()
        self.size = (size,)

    def forward(self, x):
        return nn.functional.layer_norm(x.float(), self.size, None, None, eps=1e-5).to(x.dtype)


class OlmoAttention(Attention):
    def turn(self, query, key, positions):
        return wide_rotate(query, key, positions)

    def __init__(self, config, layer, **more):
        super().__init__(config, layer, bias=config.attention_bias, **more)

    def heads(self, x):
        states = [self.q_proj(x), self.k_proj(x), self.v_proj(x)]
        if self.config.clip_qkv is not None:
            for one in states:
                one.clamp_(min=-self.config.clip_qkv, max=self.config.clip_qkv)
        return [one.view(*x.shape[:-1], -1, self.head_dim).transpose(1, 2) for one in states]


class OlmoDecoderLayer(DecoderLayer):
    def norms(self, config):
        self.input_layernorm = OlmoLayerNorm(config.hidden_size)
        self.post_attention_layernorm = OlmoLayerNorm(config.hidden_size)

    def attention(self, config, layer):
        return OlmoAttention(config, layer)


class OlmoModel(Decoder):
    layer_class = OlmoDecoderLayer

    def rotary(self, config):
        return WideRotaryEmbedding(config)

    def last_norm(self, config):
        return OlmoLayerNorm(config.hidden_size)


class OlmoForCausalLM(ForCausalLM):
    base = OlmoModel


class OlmoForSequenceClassification(SequenceHead):
    base = OlmoModel
