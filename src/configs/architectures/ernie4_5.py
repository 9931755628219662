"""ERNIE 4.5: Llama whose neighbouring features turn together."""
from .parts.config import Config
from .parts.decoder import Attention, Decoder, DecoderLayer, GatedMLP
from .parts.heads import ForCausalLM


class Ernie4_5Config(Config):
    model_type = "ernie4_5"
    rope_theta = 500000.0
    defaults = dict(
        vocab_size=103424,
        hidden_size=1024,
        intermediate_size=3072,
        num_hidden_layers=18,
        num_attention_heads=16,
        num_key_value_heads=2,
        head_dim=128,
        hidden_act="silu",
        max_position_embeddings=131072,
        rms_norm_eps=1e-5,
        pad_token_id=0,
        tie_word_embeddings=True,
        use_bias=False,
    )

    def complete(self, given):
        self.num_key_value_heads = self.num_key_value_heads or self.num_attention_heads
        self.head_dim = self.head_dim or self.hidden_size // self.num_attention_heads


class Ernie4_5Attention(Attention):
    pairs = True


class Ernie4_5DecoderLayer(DecoderLayer):
    def attention(self, config, layer):
        return Ernie4_5Attention(config, layer, bias=config.use_bias)

    def feed_forward(self, config, layer):
        return GatedMLP(config, bias=config.use_bias)


class Ernie4_5Model(Decoder):
    layer_class = Ernie4_5DecoderLayer


class Ernie4_5ForCausalLM(ForCausalLM):
    base = Ernie4_5Model
