"""Qwen2: Llama with biases on queries, keys and values; upper layers may look back over a window."""
from .parts.config import Config
from .parts.decoder import Attention, Decoder, DecoderLayer, window_of
from .parts.heads import ForCausalLM, SequenceHead, SpanHead, TokenHead


class Qwen2Config(Config):
    model_type = "qwen2"
    rope_theta = 10000.0
    defaults = dict(
        vocab_size=151936,
        hidden_size=4096,
        intermediate_size=22016,
        num_hidden_layers=32,
        num_attention_heads=32,
        num_key_value_heads=32,
        hidden_act="silu",
        max_position_embeddings=32768,
        rms_norm_eps=1e-6,
        tie_word_embeddings=False,
        use_sliding_window=False,
        sliding_window=4096,
        max_window_layers=28,
        attention_dropout=0.0,
    )

    def complete(self, given):
        self.num_key_value_heads = self.num_key_value_heads or self.num_attention_heads
        self.sliding_window = self.sliding_window if self.use_sliding_window else None
        if self.layer_types is None:
            first = self.max_window_layers if self.sliding_window is not None else self.num_hidden_layers
            self.layer_types = ["sliding_attention" if i >= first else "full_attention" for i in range(self.num_hidden_layers)]


class Qwen2DecoderLayer(DecoderLayer):
    def attention(self, config, layer):
        return Attention(config, layer, bias=True, out_bias=False, window=window_of(config, layer))


class Qwen2Model(Decoder):
    layer_class = Qwen2DecoderLayer


class Qwen2ForCausalLM(ForCausalLM):
    base = Qwen2Model


class Qwen2ForSequenceClassification(SequenceHead):
    base = Qwen2Model


class Qwen2ForTokenClassification(TokenHead):
    base = Qwen2Model


class Qwen2ForQuestionAnswering(SpanHead):
    base = Qwen2Model
