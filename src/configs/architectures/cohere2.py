"""Cohere 2: Cohere with windows on three layers of four; only those have rotary positions."""
from .parts.config import alternating
from .parts.decoder import window_of
from .cohere import CohereAttention, CohereConfig, CohereDecoderLayer, CohereModel, ScaledLM


class Cohere2Config(CohereConfig):
    model_type = "cohere2"
    defaults = dict(CohereConfig.defaults, sliding_window=4096)

    def complete(self, given):
        super().complete(given)
        self.head_dim = self.hidden_size // self.num_attention_heads
        self.layer_types = self.layer_types or alternating(self, given.get("sliding_window_pattern") or 4)


class Cohere2Attention(CohereAttention):
    def __init__(self, config, layer):
        super().__init__(config, layer, window=window_of(config, layer))

    def turn(self, query, key, positions):
        return super().turn(query, key, None if self.window is None else positions)


class Cohere2DecoderLayer(CohereDecoderLayer):
    def attention(self, config, layer):
        return Cohere2Attention(config, layer)


class Cohere2Model(CohereModel):
    layer_class = Cohere2DecoderLayer


class Cohere2ForCausalLM(ScaledLM):
    base = Cohere2Model
