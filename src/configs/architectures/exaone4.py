"""EXAONE 4: norms behind each half and on each head; full layers have no rotary positions."""
from .parts.config import Config, alternating
from .parts.decoder import Decoder, window_of
from .parts.heads import ForCausalLM, SequenceHead, SpanHead, TokenHead
from .olmo2 import Olmo2DecoderLayer
from .qwen3 import NormedAttention


class Exaone4Config(Config):
    model_type = "exaone4"
    rope_theta = 10000.0
    defaults = dict(
        vocab_size=102400,
        hidden_size=4096,
        intermediate_size=16384,
        num_hidden_layers=32,
        num_attention_heads=32,
        num_key_value_heads=32,
        hidden_act="silu",
        max_position_embeddings=2048,
        rms_norm_eps=1e-5,
        tie_word_embeddings=False,
        attention_dropout=0.0,
        sliding_window=4096,
        sliding_window_pattern=4,
    )

    def complete(self, given):
        every = 1 if self.sliding_window is None else self.sliding_window_pattern
        every = 4 if isinstance(every, str) else every
        self.layer_types = self.layer_types or alternating(self, every)


class Exaone4Attention(NormedAttention):
    def turn(self, query, key, positions):
        turned = self.config.sliding_window is None or self.window is not None
        return super().turn(query, key, positions if turned else None)


class Exaone4DecoderLayer(Olmo2DecoderLayer):
    def attention(self, config, layer):
        return Exaone4Attention(config, layer, window=window_of(config, layer))


class Exaone4Model(Decoder):
    layer_class = Exaone4DecoderLayer


class Exaone4ForCausalLM(ForCausalLM):
    base = Exaone4Model


class Exaone4ForSequenceClassification(SequenceHead):
    base = Exaone4Model


class Exaone4ForTokenClassification(TokenHead):
    base = Exaone4Model


class Exaone4ForQuestionAnswering(SpanHead):
    base = Exaone4Model
