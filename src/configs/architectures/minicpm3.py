"""MiniCPM3: latent attention with scaled embeddings, residuals and logits."""
import math

from .gemma import ScaledEmbedding
from .parts.config import Config
from .parts.decoder import Decoder, DecoderLayer, GatedMLP
from .parts.heads import ForCausalLM, SequenceHead
from .parts.latent import LatentAttention


class MiniCPM3Config(Config):
    model_type = "minicpm3"
    whole_heads = True
    rope_theta = 10000.0
    defaults = dict(
        vocab_size=73448,
        hidden_size=2560,
        intermediate_size=6400,
        num_hidden_layers=62,
        num_attention_heads=40,
        num_key_value_heads=40,
        hidden_act="silu",
        max_position_embeddings=32768,
        rms_norm_eps=1e-5,
        tie_word_embeddings=True,
        attention_bias=False,
        attention_dropout=0.0,
        mlp_bias=False,
        kv_lora_rank=256,
        q_lora_rank=768,
        qk_nope_head_dim=64,
        qk_rope_head_dim=32,
        scale_emb=12,
        scale_depth=1.4,
        dim_model_base=256,
    )

    def complete(self, given):
        self.num_key_value_heads = self.num_key_value_heads or self.num_attention_heads
        self.head_dim = self.qk_rope_head_dim
        self.v_head_dim = self.v_head_dim or self.hidden_size // self.num_attention_heads
        self.scale_depth = self.scale_depth or math.sqrt(self.num_hidden_layers)
        self.dim_model_base = self.dim_model_base or self.hidden_size


class MiniCPM3Attention(LatentAttention):
    pairs = False


class MiniCPM3DecoderLayer(DecoderLayer):
    def __init__(self, config, layer):
        super().__init__(config, layer)
        self.residual_scale = config.scale_depth / math.sqrt(config.num_hidden_layers)

    def attention(self, config, layer):
        return MiniCPM3Attention(config, layer)

    def feed_forward(self, config, layer):
        return GatedMLP(config, bias=config.mlp_bias)

    def forward(self, x, positions=None, mask=None, cache=None):
        before = x
        x = self.input_layernorm(x)
        x, weights = self.self_attn(x, positions, mask, cache)
        x = before + x * self.residual_scale
        before = x
        x = self.post_attention_layernorm(x)
        x = self.mlp(x)
        return before + x * self.residual_scale


class MiniCPM3Model(Decoder):
    layer_class = MiniCPM3DecoderLayer

    def embedding(self, config):
        return ScaledEmbedding(config.vocab_size, config.hidden_size, config.pad_token_id, config.scale_emb)


class DividedLM(ForCausalLM):
    def scaled(self, logits):
        return logits / (self.config.hidden_size / self.config.dim_model_base)


class MiniCPM3ForCausalLM(DividedLM):
    base = MiniCPM3Model


class MiniCPM3ForSequenceClassification(SequenceHead):
    base = MiniCPM3Model
