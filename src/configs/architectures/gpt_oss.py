"""gpt-oss: experts with biases, windows on every other layer, and a learned sink in each head's softmax."""
import torch
from torch import nn

from .parts.attention import WideRMSNorm, sink_attention
from .parts.config import Config, alternating
from .parts.decoder import Attention, Decoder, DecoderLayer, window_of
from .parts.experts import Experts, SparseMLP, TopRouter
from .parts.heads import ForCausalLM, SequenceHead, TokenHead
from .parts.rotary import RotaryEmbedding


class GptOssConfig(Config):
    model_type = "gpt_oss"
    rope_theta = 150000.0
    eager_only = True
    attribute_map = {"num_experts": "num_local_experts"}
    defaults = dict(
        vocab_size=201088,
        hidden_size=2880,
        intermediate_size=2880,
        num_hidden_layers=36,
        num_attention_heads=64,
        num_key_value_heads=8,
        hidden_act="silu",
        head_dim=64,
        max_position_embeddings=131072,
        rms_norm_eps=1e-5,
        tie_word_embeddings=False,
        attention_bias=True,
        attention_dropout=0.0,
        sliding_window=128,
        num_experts_per_tok=4,
        num_local_experts=128,
    )

    def complete(self, given):
        self.num_key_value_heads = self.num_key_value_heads or self.num_attention_heads
        self.layer_types = self.layer_types or alternating(self, 2)


class GptOssExperts(Experts):
    def gate(self, x):
        gate, up = x[..., ::2].clamp(max=7.0), x[..., 1::2].clamp(min=-7.0, max=7.0)
        return (up + 1) * (gate * torch.sigmoid(gate * 1.702))


class GptOssRotaryEmbedding(RotaryEmbedding):
    doubled = False


def turned(x, cos, sin):
    first, second = torch.chunk(x, 2, dim=-1)
    return torch.cat((first * cos - second * sin, second * cos + first * sin), dim=-1)


class GptOssAttention(Attention):
    def __init__(self, config, layer):
        super().__init__(config, layer, bias=config.attention_bias, window=window_of(config, layer))
        self.sinks = nn.Parameter(torch.empty(config.num_attention_heads))

    def turn(self, query, key, positions):
        cos, sin = (one.unsqueeze(1) for one in positions)
        return turned(query, cos, sin), turned(key, cos, sin)

    def weigh(self, query, key, value, mask):
        return sink_attention(query, key, value, mask, self.sinks, self.scale, self.config.attention_dropout, self.training)


class GptOssDecoderLayer(DecoderLayer):
    norm = WideRMSNorm

    def attention(self, config, layer):
        return GptOssAttention(config, layer)

    def feed_forward(self, config, layer):
        count = config.num_local_experts
        experts = GptOssExperts(count, config.hidden_size, config.intermediate_size, "linear", transposed=True, biased=True)
        return SparseMLP(TopRouter(config, count, bias=True), experts, ("router", "experts"))


class GptOssModel(Decoder):
    layer_class = GptOssDecoderLayer
    norm_class = WideRMSNorm

    def rotary(self, config):
        return GptOssRotaryEmbedding(config)


class GptOssForCausalLM(ForCausalLM):
    base = GptOssModel


class GptOssForSequenceClassification(SequenceHead):
    base = GptOssModel


class GptOssForTokenClassification(TokenHead):
    base = GptOssModel
