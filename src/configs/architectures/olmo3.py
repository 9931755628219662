"""OLMo 3: OLMo 2 with windows on three layers of four."""
from .parts.attention import WideRMSNorm
from .parts.config import alternating, typed_rotary
from .parts.decoder import TypedDecoder
from .parts.heads import ForCausalLM, SequenceHead
from .parts.rotary import WideTypedRotaryEmbedding
from .olmo2 import Olmo2Config, Olmo2DecoderLayer


class Olmo3Config(Olmo2Config):
    model_type = "olmo3"
    rope_theta = 500000.0
    defaults = dict(Olmo2Config.defaults, sliding_window=4096)

    def complete(self, given):
        super().complete(given)
        self.layer_types = self.layer_types or alternating(self, 4)

    def rotary(self, given):
        return typed_rotary(self, given, self.rope_theta, given.get("rope_theta") or self.rope_theta)


class Olmo3Model(TypedDecoder):
    layer_class = Olmo2DecoderLayer
    norm_class = WideRMSNorm

    def rotary(self, config):
        return WideTypedRotaryEmbedding(config)


class Olmo3ForCausalLM(ForCausalLM):
    base = Olmo3Model


class Olmo3ForSequenceClassification(SequenceHead):
    base = Olmo3Model
