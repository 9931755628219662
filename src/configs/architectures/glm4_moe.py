"""GLM-4.5: grouped-query attention with partial rotary positions, and DeepSeek's experts."""
from .parts.attention import RMSNorm, split_heads
from .parts.config import Config
from .parts.decoder import Attention, Decoder, DecoderLayer, GatedMLP
from .parts.experts import Experts, GroupRouter, SharedMLP
from .parts.heads import ForCausalLM
from .parts.rotary import RotaryEmbedding


class Glm4MoeConfig(Config):
    model_type = "glm4_moe"
    rope_theta = 10000.0
    attribute_map = {"num_local_experts": "n_routed_experts"}
    defaults = dict(
        vocab_size=151552,
        hidden_size=4096,
        intermediate_size=10944,
        num_hidden_layers=46,
        num_attention_heads=96,
        num_key_value_heads=8,
        hidden_act="silu",
        max_position_embeddings=131072,
        rms_norm_eps=1e-5,
        tie_word_embeddings=False,
        attention_bias=False,
        attention_dropout=0.0,
        moe_intermediate_size=1408,
        num_experts_per_tok=8,
        n_shared_experts=1,
        n_routed_experts=128,
        routed_scaling_factor=1.0,
        n_group=1,
        topk_group=1,
        first_k_dense_replace=1,
        norm_topk_prob=True,
        use_qk_norm=False,
        partial_rotary_factor=0.5,
    )


class Glm4MoeAttention(Attention):
    def __init__(self, config, layer):
        super().__init__(config, layer, bias=config.attention_bias, out_bias=False)
        if config.use_qk_norm:
            self.q_norm = RMSNorm(self.head_dim, eps=config.rms_norm_eps)
            self.k_norm = RMSNorm(self.head_dim, eps=config.rms_norm_eps)

    def heads(self, x):
        shape = (*x.shape[:-1], -1, self.head_dim)
        query, key = self.q_proj(x).view(shape), self.k_proj(x).view(shape)
        if self.config.use_qk_norm:
            query, key = self.q_norm(query), self.k_norm(key)
        return query.transpose(1, 2), key.transpose(1, 2), split_heads(self.v_proj(x), self.head_dim)


def routed(config):
    """DeepSeek's experts: those that are chosen, and those that every token uses."""
    count, width = config.n_routed_experts, config.moe_intermediate_size
    experts = Experts(count, config.hidden_size, width, config.hidden_act)
    return SharedMLP(GroupRouter(config, count), experts, GatedMLP(config, width * config.n_shared_experts))


class Glm4MoeDecoderLayer(DecoderLayer):
    def attention(self, config, layer):
        return Glm4MoeAttention(config, layer)

    def feed_forward(self, config, layer):
        return GatedMLP(config) if layer < config.first_k_dense_replace else routed(config)


class Glm4MoeModel(Decoder):
    layer_class = Glm4MoeDecoderLayer

    def rotary(self, config):
        return RotaryEmbedding(config, partial=True)


class Glm4MoeForCausalLM(ForCausalLM):
    base = Glm4MoeModel
