"""BitNet: Llama with norms before the last product of each half."""
from .parts.attention import RMSNorm
from .parts.config import Config
from .parts.decoder import Attention, Decoder, DecoderLayer, GatedMLP
from .parts.heads import ForCausalLM


class BitNetConfig(Config):
    model_type = "bitnet"
    rope_theta = 500000.0
    defaults = dict(
        vocab_size=128256,
        hidden_size=2560,
        intermediate_size=6912,
        num_hidden_layers=30,
        num_attention_heads=20,
        num_key_value_heads=5,
        hidden_act="relu2",
        max_position_embeddings=2048,
        rms_norm_eps=1e-5,
        tie_word_embeddings=False,
        attention_bias=False,
        attention_dropout=0.0,
    )

    def complete(self, given):
        self.num_key_value_heads = self.num_key_value_heads or self.num_attention_heads


class BitNetAttention(Attention):
    def __init__(self, config, layer):
        super().__init__(config, layer, bias=config.attention_bias)
        self.attn_sub_norm = RMSNorm(config.hidden_size, eps=config.rms_norm_eps)

    def out(self, mixed, x):
        return self.o_proj(self.attn_sub_norm(mixed))


class BitNetMLP(GatedMLP):
    def __init__(self, config):
        super().__init__(config)
        self.ffn_sub_norm = RMSNorm(config.intermediate_size, eps=config.rms_norm_eps)

    def forward(self, x):
        return self.down_proj(self.ffn_sub_norm(self.act_fn(self.gate_proj(x)) * self.up_proj(x)))


class BitNetDecoderLayer(DecoderLayer):
    def attention(self, config, layer):
        return BitNetAttention(config, layer)

    def feed_forward(self, config, layer):
        return BitNetMLP(config)


class BitNetModel(Decoder):
    layer_class = BitNetDecoderLayer


class BitNetForCausalLM(ForCausalLM):
    base = BitNetModel
