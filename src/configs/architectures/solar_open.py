"""Solar Open: GLM-4.5 with experts in every layer."""
from .glm4_moe import Glm4MoeModel, routed
from .parts.config import Config
from .parts.decoder import Attention, DecoderLayer
from .parts.heads import ForCausalLM


class SolarOpenConfig(Config):
    model_type = "solar_open"
    rope_theta = 1000000.0
    attribute_map = {"num_local_experts": "n_routed_experts"}
    defaults = dict(
        vocab_size=196608,
        hidden_size=4096,
        intermediate_size=10240,
        num_hidden_layers=48,
        num_attention_heads=64,
        num_key_value_heads=8,
        hidden_act="silu",
        head_dim=128,
        max_position_embeddings=131072,
        rms_norm_eps=1e-5,
        tie_word_embeddings=False,
        attention_bias=False,
        attention_dropout=0.0,
        moe_intermediate_size=1280,
        num_experts_per_tok=8,
        n_shared_experts=1,
        n_routed_experts=128,
        routed_scaling_factor=1.0,
        n_group=1,
        topk_group=1,
        norm_topk_prob=True,
        partial_rotary_factor=1.0,
    )


class SolarOpenDecoderLayer(DecoderLayer):
    def attention(self, config, layer):
        return Attention(config, layer, bias=config.attention_bias, out_bias=False)

    def feed_forward(self, config, layer):
        return routed(config)


class SolarOpenModel(Glm4MoeModel):
    layer_class = SolarOpenDecoderLayer


class SolarOpenForCausalLM(ForCausalLM):
    base = SolarOpenModel
