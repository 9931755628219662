"""DeepSeek-V3: DeepSeek-V2 whose experts are chosen in groups by sigmoid scores."""
from .deepseek_v2 import DeepseekV2DecoderLayer, DeepseekV2Model
from .parts.config import Config
from .parts.experts import GroupRouter
from .parts.heads import ForCausalLM, SequenceHead, TokenHead


class DeepseekV3Config(Config):
    model_type = "deepseek_v3"
    rope_theta = 10000.0
    attribute_map = {"num_local_experts": "n_routed_experts"}
    defaults = dict(
        vocab_size=129280,
        hidden_size=7168,
        intermediate_size=18432,
        num_hidden_layers=61,
        num_attention_heads=128,
        num_key_value_heads=128,
        hidden_act="silu",
        moe_intermediate_size=2048,
        max_position_embeddings=4096,
        rms_norm_eps=1e-6,
        tie_word_embeddings=False,
        attention_bias=False,
        attention_dropout=0.0,
        n_shared_experts=1,
        n_routed_experts=256,
        routed_scaling_factor=2.5,
        kv_lora_rank=512,
        q_lora_rank=1536,
        qk_rope_head_dim=64,
        v_head_dim=128,
        qk_nope_head_dim=128,
        n_group=8,
        topk_group=4,
        num_experts_per_tok=8,
        first_k_dense_replace=3,
        norm_topk_prob=True,
        rope_interleave=True,
    )

    def complete(self, given):
        self.num_key_value_heads = self.num_key_value_heads or self.num_attention_heads
        self.head_dim = self.qk_rope_head_dim


class DeepseekV3DecoderLayer(DeepseekV2DecoderLayer):
    router_class = GroupRouter


class DeepseekV3Model(DeepseekV2Model):
    layer_class = DeepseekV3DecoderLayer


class DeepseekV3ForCausalLM(ForCausalLM):
    base = DeepseekV3Model


class DeepseekV3ForSequenceClassification(SequenceHead):
    base = DeepseekV3Model


class DeepseekV3ForTokenClassification(TokenHead):
    base = DeepseekV3Model
