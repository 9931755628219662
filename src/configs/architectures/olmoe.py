"""OLMoE: normalised queries and keys, and eight experts of sixty-four for each token."""
from .parts.attention import RMSNorm, split_heads
from .parts.config import Config
from .parts.decoder import Attention, Decoder, DecoderLayer
from .parts.experts import Experts, SoftmaxRouter, SparseMLP
from .parts.heads import ForCausalLM


class OlmoeConfig(Config):
    model_type = "olmoe"
    rope_theta = 10000.0
    attribute_map = {"num_local_experts": "num_experts"}
    defaults = dict(
        vocab_size=50304,
        hidden_size=2048,
        intermediate_size=2048,
        num_hidden_layers=16,
        num_attention_heads=16,
        hidden_act="silu",
        max_position_embeddings=4096,
        rms_norm_eps=1e-5,
        pad_token_id=1,
        tie_word_embeddings=False,
        attention_bias=False,
        attention_dropout=0.0,
        num_experts_per_tok=8,
        num_experts=64,
        norm_topk_prob=False,
    )

    def complete(self, given):
        self.num_key_value_heads = self.num_key_value_heads or self.num_attention_heads


class OlmoeAttention(Attention):
    def __init__(self, config, layer):
        super().__init__(config, layer, bias=config.attention_bias)
        self.q_norm = RMSNorm(config.hidden_size, eps=config.rms_norm_eps)
        keys = config.hidden_size // config.num_attention_heads * config.num_key_value_heads
        self.k_norm = RMSNorm(keys, eps=config.rms_norm_eps)

    def heads(self, x):
        states = [self.q_norm(self.q_proj(x)), self.k_norm(self.k_proj(x)), self.v_proj(x)]
        if self.config.clip_qkv is not None:
            for one in states:
                one.clamp_(min=-self.config.clip_qkv, max=self.config.clip_qkv)
        return [split_heads(one, self.head_dim) for one in states]


class OlmoeDecoderLayer(DecoderLayer):
    def attention(self, config, layer):
        return OlmoeAttention(config, layer)

    def feed_forward(self, config, layer):
        experts = Experts(config.num_experts, config.hidden_size, config.intermediate_size, config.hidden_act)
        return SparseMLP(SoftmaxRouter(config, config.num_experts, config.norm_topk_prob), experts)


class OlmoeModel(Decoder):
    layer_class = OlmoeDecoderLayer


class OlmoeForCausalLM(ForCausalLM):
    base = OlmoeModel
