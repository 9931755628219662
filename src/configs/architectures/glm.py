"""GLM: Llama with one product for gate and up; neighbouring features of half of each head turn."""
from .parts.config import Config
from .parts.decoder import Attention, Decoder, DecoderLayer
from .parts.heads import ForCausalLM, SequenceHead, TokenHead
from .parts.rotary import RotaryEmbedding
from .phi3 import Phi3MLP


class GlmConfig(Config):
    model_type = "glm"
    rope_theta = 10000.0
    defaults = dict(
        vocab_size=151552,
        hidden_size=4096,
        intermediate_size=13696,
        num_hidden_layers=40,
        num_attention_heads=32,
        num_key_value_heads=2,
        head_dim=128,
        hidden_act="silu",
        attention_dropout=0.0,
        max_position_embeddings=131072,
        rms_norm_eps=1.5625e-07,
        tie_word_embeddings=False,
        pad_token_id=151329,
        attention_bias=True,
        partial_rotary_factor=0.5,
    )


class GlmAttention(Attention):
    pairs = True


class GlmDecoderLayer(DecoderLayer):
    def attention(self, config, layer):
        return GlmAttention(config, layer, bias=config.attention_bias, out_bias=False)

    def feed_forward(self, config, layer):
        return Phi3MLP(config)


class GlmModel(Decoder):
    layer_class = GlmDecoderLayer

    def rotary(self, config):
        return RotaryEmbedding(config, partial=True)


class GlmForCausalLM(ForCausalLM):
    base = GlmModel


class GlmForSequenceClassification(SequenceHead):
    base = GlmModel


class GlmForTokenClassification(TokenHead):
    base = GlmModel
