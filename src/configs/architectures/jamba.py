"""Jamba: Mamba layers with one of attention among eight, and experts in every second feed-forward; no positions."""
import math

import torch
from torch import nn
from torch.nn import functional as F

from .mamba import MambaMixer
from .parts.attention import RMSNorm
from .parts.config import Config
from .parts.decoder import Attention, GatedMLP
from .parts.experts import Experts
from .parts.heads import ForCausalLM, SequenceHead
from .parts.hybrid import AttendingLayer, MixedLayer, UnturnedHybrid


class JambaConfig(Config):
    model_type = "jamba"
    attribute_map = {"num_local_experts": "num_experts"}
    defaults = dict(
        vocab_size=65536,
        tie_word_embeddings=False,
        hidden_size=4096,
        intermediate_size=14336,
        num_hidden_layers=32,
        num_attention_heads=32,
        num_key_value_heads=8,
        hidden_act="silu",
        rms_norm_eps=1e-6,
        pad_token_id=0,
        max_position_embeddings=262144,
        attention_dropout=0.0,
        num_experts_per_tok=2,
        num_experts=16,
        expert_layer_period=2,
        expert_layer_offset=1,
        attn_layer_period=8,
        attn_layer_offset=4,
        mamba_d_state=16,
        mamba_d_conv=4,
        mamba_expand=2,
        mamba_dt_rank="auto",
        mamba_conv_bias=True,
        mamba_proj_bias=False,
    )

    def complete(self, given):
        for kind in ("attn", "expert"):
            period, offset = getattr(self, f"{kind}_layer_period"), getattr(self, f"{kind}_layer_offset")
            if offset >= period:
                raise ValueError(f"{kind}_layer_offset ({offset}) must be smaller than {kind}_layer_period ({period})")
        self.num_key_value_heads = self.num_key_value_heads or self.num_attention_heads
        if self.mamba_dt_rank == "auto":
            self.mamba_dt_rank = math.ceil(self.hidden_size / 16)
        places = [i % self.attn_layer_period == self.attn_layer_offset for i in range(self.num_hidden_layers)]
        self.layer_types = ["full_attention" if attends else "linear_attention" for attends in places]


class JambaMixer(MambaMixer):
    def __init__(self, config, layer):
        super().__init__(config, layer)
        self.dt_layernorm = RMSNorm(self.rank, eps=config.rms_norm_eps)
        self.b_layernorm = RMSNorm(self.state, eps=config.rms_norm_eps)
        self.c_layernorm = RMSNorm(self.state, eps=config.rms_norm_eps)

    def sizes(self, config):
        return dict(
            inner=config.mamba_expand * config.hidden_size,
            rank=config.mamba_dt_rank,
            state=config.mamba_d_state,
            kernel=config.mamba_d_conv,
            bias=config.mamba_proj_bias,
            conv_bias=config.mamba_conv_bias,
        )

    def chosen(self, step, inward, outward):
        return self.dt_layernorm(step), self.b_layernorm(inward), self.c_layernorm(outward)


class JambaExpertsMLP(nn.Module):
    """The best experts by softmax over all; their shares do not add up to one."""

    def __init__(self, config):
        super().__init__()
        self.chosen = config.num_experts_per_tok
        self.router = nn.Linear(config.hidden_size, config.num_experts, bias=False)
        self.experts = Experts(config.num_experts, config.hidden_size, config.intermediate_size, config.hidden_act)

    def forward(self, x):
        flat = x.view(-1, x.shape[-1])
        shares, chosen = torch.topk(F.softmax(self.router(flat), dim=-1, dtype=torch.float), self.chosen, dim=-1)
        return self.experts(flat, chosen, shares.to(flat.dtype)).reshape(x.shape)


def feed_forward(config, layer):
    sparse = config.num_experts > 1 and layer % config.expert_layer_period == config.expert_layer_offset
    return JambaExpertsMLP(config) if sparse else GatedMLP(config)


class JambaMambaLayer(MixedLayer):
    def mixer(self, config, layer):
        return JambaMixer(config, layer)

    def inner(self, config, layer):
        return feed_forward(config, layer)


class JambaAttentionLayer(AttendingLayer):
    def mixer(self, config, layer):
        return Attention(config, layer)

    def inner(self, config, layer):
        return feed_forward(config, layer)


class JambaModel(UnturnedHybrid):
    layer_class, attending = JambaMambaLayer, JambaAttentionLayer
    norm_name = "final_layernorm"


class JambaForCausalLM(ForCausalLM):
    base = JambaModel


class JambaForSequenceClassification(SequenceHead):
    base = JambaModel
