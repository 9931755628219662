"""SmolLM3: Llama where every fourth layer has no rotary positions."""
from .parts.config import Config
from .parts.decoder import Attention, Decoder, DecoderLayer, GatedMLP, window_of
from .parts.heads import ForCausalLM, SequenceHead, SpanHead, TokenHead


class SmolLM3Config(Config):
    model_type = "smollm3"
    rope_theta = 2000000.0
    defaults = dict(
        vocab_size=128256,
        hidden_size=2048,
        intermediate_size=11008,
        num_hidden_layers=36,
        num_attention_heads=16,
        num_key_value_heads=4,
        hidden_act="silu",
        max_position_embeddings=32768,
        rms_norm_eps=1e-6,
        pad_token_id=128004,
        use_sliding_window=False,
        no_rope_layer_interval=4,
        attention_bias=False,
        attention_dropout=0.0,
        mlp_bias=False,
        tie_word_embeddings=True,
    )

    def complete(self, given):
        self.num_key_value_heads = self.num_key_value_heads or self.num_attention_heads
        count = range(self.num_hidden_layers)
        self.no_rope_layers = self.no_rope_layers or [int((i + 1) % self.no_rope_layer_interval != 0) for i in count]
        windowed = self.use_sliding_window and self.sliding_window is not None
        if self.layer_types is None:
            kinds = ("full_attention", "sliding_attention")
            self.layer_types = [kinds[windowed and not self.no_rope_layers[i]] for i in count]


class SmolLM3Attention(Attention):
    def __init__(self, config, layer):
        window = window_of(config, layer) if config.use_sliding_window else None
        super().__init__(config, layer, bias=config.attention_bias, window=window)

    def turn(self, query, key, positions):
        return super().turn(query, key, positions if self.config.no_rope_layers[self.layer] else None)


class SmolLM3DecoderLayer(DecoderLayer):
    def attention(self, config, layer):
        return SmolLM3Attention(config, layer)

    def feed_forward(self, config, layer):
        return GatedMLP(config, bias=config.mlp_bias)


class SmolLM3Model(Decoder):
    layer_class = SmolLM3DecoderLayer


class SmolLM3ForCausalLM(ForCausalLM):
    base = SmolLM3Model


class SmolLM3ForSequenceClassification(SequenceHead):
    base = SmolLM3Model


class SmolLM3ForTokenClassification(TokenHead):
    base = SmolLM3Model


class SmolLM3ForQuestionAnswering(SpanHead):
    base = SmolLM3Model
