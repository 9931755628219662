"""GLM-4.7-Flash: latent attention with GLM-4.5's experts."""
from .deepseek_v3 import DeepseekV3Config
from .glm4_moe import Glm4MoeModel, routed
from .parts.decoder import DecoderLayer, GatedMLP
from .parts.heads import ForCausalLM
from .parts.latent import LatentAttention


class Glm4MoeLiteConfig(DeepseekV3Config):
    model_type = "glm4_moe_lite"
    attribute_map = {"num_local_experts": "n_routed_experts", "head_dim": "qk_rope_head_dim"}
    defaults = dict(
        DeepseekV3Config.defaults,
        vocab_size=154880,
        hidden_size=2048,
        intermediate_size=10240,
        moe_intermediate_size=1536,
        num_hidden_layers=47,
        num_attention_heads=20,
        num_key_value_heads=20,
        n_routed_experts=64,
        routed_scaling_factor=1.8,
        q_lora_rank=768,
        v_head_dim=256,
        qk_nope_head_dim=192,
        n_group=1,
        topk_group=1,
        num_experts_per_tok=4,
        rms_norm_eps=1e-5,
        max_position_embeddings=202752,
    )

    def complete(self, given):
        self.mlp_layer_types = self.mlp_layer_types or ["dense"] + ["sparse"] * (self.num_hidden_layers - 1)


class Glm4MoeLiteDecoderLayer(DecoderLayer):
    def attention(self, config, layer):
        return LatentAttention(config, layer)

    def feed_forward(self, config, layer):
        return routed(config) if config.mlp_layer_types[layer] == "sparse" else GatedMLP(config)


class Glm4MoeLiteModel(Glm4MoeModel):
    layer_class = Glm4MoeLiteDecoderLayer


class Glm4MoeLiteForCausalLM(ForCausalLM):
    base = Glm4MoeLiteModel
