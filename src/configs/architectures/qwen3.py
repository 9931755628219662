"""Qwen3: Llama that normalises each head's queries and keys."""
from .parts.attention import RMSNorm, split_heads
from .parts.decoder import Attention, Decoder, DecoderLayer, window_of
from .parts.heads import ForCausalLM, SequenceHead, SpanHead, TokenHead
from .qwen2 import Qwen2Config


class Qwen3Config(Qwen2Config):
    model_type = "qwen3"
    defaults = dict(Qwen2Config.defaults, head_dim=128, attention_bias=False)


class NormedAttention(Attention):
    """Attention that normalises each head's queries and keys before their rotation."""

    def __init__(self, config, layer, **more):
        super().__init__(config, layer, **more)
        self.q_norm = RMSNorm(self.head_dim, eps=config.rms_norm_eps)
        self.k_norm = RMSNorm(self.head_dim, eps=config.rms_norm_eps)

    def heads(self, x):
        shape = (*x.shape[:-1], -1, self.head_dim)
        query = self.q_norm(self.q_proj(x).view(shape)).transpose(1, 2)
        key = self.k_norm(self.k_proj(x).view(shape)).transpose(1, 2)
        return query, key, split_heads(self.v_proj(x), self.head_dim)


class Qwen3DecoderLayer(DecoderLayer):
    def attention(self, config, layer):
        return NormedAttention(config, layer, bias=config.attention_bias, window=window_of(config, layer))


class Qwen3Model(Decoder):
    layer_class = Qwen3DecoderLayer


class Qwen3ForCausalLM(ForCausalLM):
    base = Qwen3Model


class Qwen3ForSequenceClassification(SequenceHead):
    base = Qwen3Model


class Qwen3ForTokenClassification(TokenHead):
    base = Qwen3Model


class Qwen3ForQuestionAnswering(SpanHead):
    base = Qwen3Model
