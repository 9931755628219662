"""Hy3: grouped-query attention with normalised heads, experts by sigmoid scores, and their sum with the shared one in float32."""
import torch
from torch import nn
from torch.nn import functional as F

from .parts.attention import RMSNorm
from .parts.config import Config
from .parts.decoder import Attention, Decoder, DecoderLayer, GatedMLP
from .parts.experts import Experts
from .parts.heads import ForCausalLM


class HYV3Config(Config):
    model_type = "hy_v3"
    rope_theta = 11158840.0
    attribute_map = {"num_local_experts": "num_experts"}
    defaults = dict(
        vocab_size=120832,
        hidden_size=4096,
        intermediate_size=13312,
        num_hidden_layers=80,
        num_attention_heads=64,
        num_key_value_heads=8,
        head_dim=128,
        hidden_act="silu",
        max_position_embeddings=131072,
        rms_norm_eps=1e-5,
        tie_word_embeddings=False,
        attention_bias=False,
        attention_dropout=0.0,
        mlp_bias=False,
        num_experts=192,
        num_experts_per_tok=8,
        num_shared_experts=1,
        moe_intermediate_size=1536,
        router_scaling_factor=2.826,
        enable_moe_fp32_combine=True,
    )

    def complete(self, given):
        if self.mlp_layer_types is None:
            self.mlp_layer_types = ["sparse" if i > 0 else "dense" for i in range(self.num_hidden_layers)]


class HYV3Attention(Attention):
    def __init__(self, config, layer):
        super().__init__(config, layer, bias=config.attention_bias)
        self.q_norm = RMSNorm(self.head_dim, eps=config.rms_norm_eps)
        self.k_norm = RMSNorm(self.head_dim, eps=config.rms_norm_eps)

    def heads(self, x):
        query, key, value = super().heads(x)
        return self.q_norm(query), self.k_norm(key), value


class HYV3Router(nn.Module):
    """The best experts by sigmoid scores plus `bias`; their shares add up to the scaling factor."""

    def __init__(self, config):
        super().__init__()
        self.config = config
        self.weight = nn.Parameter(torch.zeros(config.num_experts, config.hidden_size))

    def forward(self, x, bias):
        scores = torch.sigmoid(F.linear(x.float(), self.weight.float()))
        chosen = torch.topk(scores + bias, self.config.num_experts_per_tok, dim=-1, sorted=False)[1]
        shares = scores.gather(1, chosen)
        shares = shares / (shares.sum(dim=-1, keepdim=True) + 1e-20)
        return shares * self.config.router_scaling_factor, chosen


class HYV3MoE(nn.Module):
    def __init__(self, config):
        super().__init__()
        count, width = config.num_experts, config.moe_intermediate_size
        self.wide = config.enable_moe_fp32_combine
        self.gate = HYV3Router(config)
        self.experts = Experts(count, config.hidden_size, width, config.hidden_act)
        self.register_buffer("e_score_correction_bias", torch.zeros(count))
        self.shared_experts = GatedMLP(config, width * config.num_shared_experts, bias=config.mlp_bias)

    def forward(self, x):
        shape = x.shape
        x = x.view(-1, shape[-1])
        shares, chosen = self.gate(x, self.e_score_correction_bias)
        routed = self.experts(x, chosen, shares)
        if self.wide:
            x = (routed.float() + self.shared_experts(x).float()).to(x.dtype)
        else:
            x = routed + self.shared_experts(x)
        return x.reshape(shape)


class HYV3DecoderLayer(DecoderLayer):
    def attention(self, config, layer):
        return HYV3Attention(config, layer)

    def feed_forward(self, config, layer):
        return HYV3MoE(config) if config.mlp_layer_types[layer] == "sparse" else GatedMLP(config, bias=config.mlp_bias)


class HYV3Model(Decoder):
    layer_class = HYV3DecoderLayer

    def window(self, layer):
        return None


class HYV3ForCausalLM(ForCausalLM):
    base = HYV3Model
