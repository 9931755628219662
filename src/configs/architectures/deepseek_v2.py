"""DeepSeek-V2: latent attention, and experts of which two are shared."""
import torch

from .parts.config import Config
from .parts.decoder import Decoder, DecoderLayer, GatedMLP
from .parts.experts import Experts, GroupRouter, SharedMLP
from .parts.heads import ForCausalLM, SequenceHead
from .parts.latent import LatentAttention


class DeepseekV2Config(Config):
    model_type = "deepseek_v2"
    whole_heads = True
    rope_theta = 10000.0
    attribute_map = {"num_experts": "n_routed_experts"}
    defaults = dict(
        vocab_size=102400,
        hidden_size=4096,
        intermediate_size=11008,
        num_hidden_layers=32,
        num_attention_heads=32,
        hidden_act="silu",
        max_position_embeddings=2048,
        rms_norm_eps=1e-6,
        tie_word_embeddings=False,
        attention_bias=False,
        attention_dropout=0.0,
        mlp_bias=False,
        first_k_dense_replace=0,
        kv_lora_rank=512,
        q_lora_rank=1536,
        n_routed_experts=64,
        n_shared_experts=2,
        qk_nope_head_dim=128,
        qk_rope_head_dim=64,
        routed_scaling_factor=1.0,
        topk_method="greedy",
        norm_topk_prob=False,
        v_head_dim=128,
        moe_intermediate_size=1407,
    )

    def complete(self, given):
        self.num_key_value_heads = self.num_key_value_heads or self.num_attention_heads
        self.head_dim = self.qk_rope_head_dim


class DeepseekV2Router(GroupRouter):
    """Softmax scores; the best of all, or of the groups with the best single expert."""

    def __init__(self, config, count):
        super().__init__(config, count, corrected=False)

    def forward(self, x):
        config = self.config
        if config.num_experts_per_tok is None:
            raise ValueError(f"num_experts_per_tok is missing: how many of {self.count} experts a token uses is not known")
        scores = self.logits(x).softmax(dim=-1, dtype=torch.float32)
        if config.topk_method == "group_limited_greedy":
            groups = config.n_group
            best = scores.view(-1, groups, self.count // groups).max(dim=-1).values
            mask = torch.zeros_like(best)
            mask.scatter_(1, torch.topk(best, k=config.topk_group, dim=-1, sorted=False)[1], 1)
            mask = mask.unsqueeze(-1).expand(-1, groups, self.count // groups).reshape(-1, self.count)
            scores = scores.masked_fill(~mask.bool(), 0.0)
        shares, chosen = torch.topk(scores, k=config.num_experts_per_tok, dim=-1, sorted=False)
        return shares * config.routed_scaling_factor, chosen


class DeepseekV2DecoderLayer(DecoderLayer):
    router_class = DeepseekV2Router

    def attention(self, config, layer):
        return LatentAttention(config, layer)

    def feed_forward(self, config, layer):
        if layer < config.first_k_dense_replace:
            return GatedMLP(config)
        count, width = config.n_routed_experts, config.moe_intermediate_size
        experts = Experts(count, config.hidden_size, width, config.hidden_act)
        return SharedMLP(self.router_class(config, count), experts, GatedMLP(config, width * config.n_shared_experts))


class DeepseekV2Model(Decoder):
    layer_class = DeepseekV2DecoderLayer

    def window(self, layer):
        return None


class DeepseekV2ForCausalLM(ForCausalLM):
    base = DeepseekV2Model


class DeepseekV2ForSequenceClassification(SequenceHead):
    base = DeepseekV2Model
