"""Mistral: Llama whose layers look back over a window."""
from .parts.config import Config
from .parts.decoder import Attention, Decoder, DecoderLayer
from .parts.heads import ForCausalLM, SequenceHead, SpanHead, TokenHead


class MistralConfig(Config):
    model_type = "mistral"
    rope_theta = 10000.0
    defaults = dict(
        vocab_size=32000,
        hidden_size=4096,
        intermediate_size=14336,
        num_hidden_layers=32,
        num_attention_heads=32,
        num_key_value_heads=8,
        hidden_act="silu",
        max_position_embeddings=131072,
        rms_norm_eps=1e-6,
        tie_word_embeddings=False,
        sliding_window=4096,
        attention_dropout=0.0,
    )

    def complete(self, given):
        self.head_dim = self.head_dim or self.hidden_size // self.num_attention_heads
        self.num_key_value_heads = self.num_key_value_heads or self.num_attention_heads
        self.layer_types = None


class MistralDecoderLayer(DecoderLayer):
    def attention(self, config, layer):
        return Attention(config, layer, window=config.sliding_window)


class MistralModel(Decoder):
    layer_class = MistralDecoderLayer


class MistralForCausalLM(ForCausalLM):
    base = MistralModel


class MistralForSequenceClassification(SequenceHead):
    base = MistralModel


class MistralForTokenClassification(TokenHead):
    base = MistralModel


class MistralForQuestionAnswering(SpanHead):
    base = MistralModel
    name = "model"
