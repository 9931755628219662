"""Llama: grouped-query attention with rotary positions, and a gated feed-forward."""
from .parts.config import Config
from .parts.decoder import Attention, Decoder, DecoderLayer, GatedMLP
from .parts.heads import ForCausalLM, SequenceHead, SpanHead, TokenHead


class LlamaConfig(Config):
    model_type = "llama"
    whole_heads = True
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
    )

    def complete(self, given):
        self.head_dim = self.head_dim or self.hidden_size // self.num_attention_heads
        self.num_key_value_heads = self.num_key_value_heads or self.num_attention_heads


class LlamaDecoderLayer(DecoderLayer):
    def attention(self, config, layer):
        return Attention(config, layer, bias=config.attention_bias)

    def feed_forward(self, config, layer):
        return GatedMLP(config, bias=config.mlp_bias)


class LlamaModel(Decoder):
    layer_class = LlamaDecoderLayer

    def window(self, layer):
        return None


class LlamaForCausalLM(ForCausalLM):
    base = LlamaModel


class LlamaForSequenceClassification(SequenceHead):
    base = LlamaModel


class LlamaForTokenClassification(TokenHead):
    base = LlamaModel


class LlamaForQuestionAnswering(SpanHead):
    base = LlamaModel
