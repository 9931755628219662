"""HunYuan: Llama that normalises each head's queries and keys after their rotation."""
from .parts.attention import RMSNorm
from .parts.config import Config
from .parts.decoder import Attention, Decoder, DecoderLayer
from .parts.heads import ForCausalLM, SequenceHead


class HunYuanDenseV1Config(Config):
    model_type = "hunyuan_v1_dense"
    rope_theta = 10000.0
    defaults = dict(
        vocab_size=290943,
        hidden_size=4096,
        intermediate_size=11008,
        num_hidden_layers=32,
        num_attention_heads=32,
        hidden_act="silu",
        max_position_embeddings=2048,
        rms_norm_eps=1e-5,
        pad_token_id=0,
        tie_word_embeddings=False,
        attention_bias=False,
        attention_dropout=0.0,
    )

    def complete(self, given):
        self.num_key_value_heads = self.num_key_value_heads or self.num_attention_heads


class HunYuanAttention(Attention):
    def __init__(self, config, layer):
        if config.head_dim is None:
            raise ValueError("head_dim is missing: how wide a head is does not follow from hidden_size and num_attention_heads")
        super().__init__(config, layer, bias=config.attention_bias)
        self.query_layernorm = RMSNorm(self.head_dim, eps=config.rms_norm_eps)
        self.key_layernorm = RMSNorm(self.head_dim, eps=config.rms_norm_eps)

    def turn(self, query, key, positions):
        query, key = super().turn(query, key, positions)
        query = self.query_layernorm(query)
        return query, self.key_layernorm(key)


class HunYuanDecoderLayer(DecoderLayer):
    def attention(self, config, layer):
        return HunYuanAttention(config, layer)


class HunYuanDenseV1Model(Decoder):
    layer_class = HunYuanDecoderLayer

    def window(self, layer):
        return None


class HunYuanDenseV1ForCausalLM(ForCausalLM):
    base = HunYuanDenseV1Model


class HunYuanDenseV1ForSequenceClassification(SequenceHead):
    base = HunYuanDenseV1Model
