"""Falcon-H1: each layer attends and carries a Mamba 2 state at once, with multipliers on every branch."""
import torch
from torch import nn
from torch.nn import functional as F

from .mamba2 import Mamba2Mixer
from .parts.attention import RMSNorm
from .parts.block import Block
from .parts.config import Config
from .parts.decoder import Attention, GatedMLP
from .parts.heads import ForCausalLM
from .parts.hybrid import HybridDecoder


class FalconH1Config(Config):
    model_type = "falcon_h1"
    rope_theta = 10000.0
    defaults = dict(
        vocab_size=128000,
        tie_word_embeddings=False,
        hidden_size=4096,
        intermediate_size=14336,
        num_hidden_layers=32,
        num_attention_heads=32,
        num_key_value_heads=8,
        hidden_act="silu",
        rms_norm_eps=1e-5,
        pad_token_id=0,
        max_position_embeddings=8192,
        attention_dropout=0.0,
        mamba_d_ssm=1024,
        mamba_n_heads=128,
        mamba_d_head="auto",
        mamba_n_groups=1,
        mamba_d_state=256,
        mamba_d_conv=4,
        mamba_expand=2,
        mamba_chunk_size=256,
        mamba_conv_bias=True,
        mamba_proj_bias=False,
        mamba_norm_before_gate=True,
        mamba_rms_norm=False,
        time_step_limit=(0.0, float("inf")),
        projectors_bias=False,
        lm_head_multiplier=1.0,
        embedding_multiplier=1.0,
        key_multiplier=1.0,
        attention_out_multiplier=1.0,
        attention_in_multiplier=1.0,
        ssm_in_multiplier=1.0,
        ssm_out_multiplier=1.0,
        attention_bias=False,
        mlp_bias=False,
    )

    def complete(self, given):
        self.num_key_value_heads = self.num_key_value_heads or self.num_attention_heads
        self.mlp_multipliers = self.mlp_multipliers or [1.0, 1.0]
        self.mamba_inner = int(self.mamba_expand * self.hidden_size) if self.mamba_d_ssm is None else self.mamba_d_ssm
        if self.mamba_d_head == "auto":
            self.mamba_d_head = self.mamba_inner // self.mamba_n_heads
        if self.mamba_d_head * self.mamba_n_heads != self.mamba_inner:
            raise ValueError(f"mamba_n_heads × mamba_d_head is {self.mamba_n_heads * self.mamba_d_head}, but the state's width is {self.mamba_inner}")


class FalconH1GatedNorm(nn.Module):
    """An RMS norm over each group of heads; what a gate lets through, before or behind it."""

    def __init__(self, size, eps, groups, before):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.eps, self.groups, self.before = eps, groups, before

    def forward(self, x, gate):
        kind, shape = x.dtype, x.shape
        if not self.before:
            x = x * F.silu(gate.to(torch.float32))
        x = x.to(torch.float32)
        x = x.view(*shape[:-1], self.groups, -1)
        variance = x.pow(2).mean(-1, keepdim=True)
        x = x * torch.rsqrt(variance + self.eps)
        x = self.weight.view(self.groups, -1) * x
        x = x.view(shape)
        if self.before:
            x = x * F.silu(gate.to(torch.float32))
        return x.to(kind)


class FalconH1Mixer(Mamba2Mixer):
    def __init__(self, config, layer):
        super().__init__(config, layer)
        self.out_proj = nn.Linear(self.inner, config.hidden_size, bias=config.projectors_bias)
        self.register_buffer("mup_vector", torch.ones(1, 1, sum(self.split)), persistent=False)

    def sizes(self, config):
        return dict(
            inner=config.mamba_inner,
            heads=config.mamba_n_heads,
            width=config.mamba_d_head,
            groups=config.mamba_n_groups,
            state=config.mamba_d_state,
            kernel=config.mamba_d_conv,
            chunk=config.mamba_chunk_size,
            limit=config.time_step_limit,
            bias=config.mamba_proj_bias,
            conv_bias=config.mamba_conv_bias,
        )

    def gated_norm(self, config):
        if not config.mamba_rms_norm:
            return nn.Identity()
        return FalconH1GatedNorm(self.inner, config.rms_norm_eps, self.groups, config.mamba_norm_before_gate)

    def projected(self, x):
        x = x * self.config.ssm_in_multiplier
        both = self.in_proj(x)
        return both * self.mup_vector

    def gated(self, out, gate):
        return self.norm(out, gate) if self.config.mamba_rms_norm else out * F.silu(gate)


class FalconH1Attention(Attention):
    def heads(self, x):
        query, key, value = super().heads(x)
        return query, key * self.config.key_multiplier, value


class FalconH1MLP(GatedMLP):
    def __init__(self, config):
        super().__init__(config, bias=config.mlp_bias)
        self.gates, self.downs = config.mlp_multipliers

    def forward(self, x):
        x = self.up_proj(x) * self.act_fn(self.gate_proj(x) * self.gates)
        return self.down_proj(x) * self.downs


class FalconH1DecoderLayer(Block):
    def __init__(self, config, layer):
        super().__init__()
        self.config = config
        self.feed_forward = FalconH1MLP(config)
        self.mamba = FalconH1Mixer(config, layer)
        self.self_attn = FalconH1Attention(config, layer, bias=config.attention_bias)
        self.input_layernorm = RMSNorm(config.hidden_size, eps=config.rms_norm_eps)
        self.pre_ff_layernorm = RMSNorm(config.hidden_size, eps=config.rms_norm_eps)

    def forward(self, x, positions=None, masks=None, cache=None):
        config, (mask, padding) = self.config, masks
        before = x
        x = self.input_layernorm(x)
        carried = self.mamba(x, padding, cache)
        carried = carried * config.ssm_out_multiplier
        attended, weights = self.self_attn(x * config.attention_in_multiplier, positions, mask, cache)
        attended = attended * config.attention_out_multiplier
        x = carried + attended
        x = before + x
        before = x
        x = self.pre_ff_layernorm(x)
        x = self.feed_forward(x)
        return before + x


class MultipliedEmbedding(nn.Embedding):
    def __init__(self, count, size, padding, times):
        super().__init__(count, size, padding)
        self.times = times

    def forward(self, input_ids):
        return super().forward(input_ids) * self.times


class FalconH1Model(HybridDecoder):
    layer_class = attending = FalconH1DecoderLayer
    norm_name = "final_layernorm"

    def embedding(self, config):
        return MultipliedEmbedding(config.vocab_size, config.hidden_size, config.pad_token_id, config.embedding_multiplier)

    def attends(self, config, layer):
        return True

    def window(self, layer):
        return None

    def masks(self, x, padding, cache, positions):
        """What attention may look at and, for the state, the new tokens' padding: each layer needs both."""
        masks = super().masks(x, padding, cache, positions)
        return {None: (masks[None], masks[self.STATE])}


class FalconH1ForCausalLM(ForCausalLM):
    base = FalconH1Model

    def scaled(self, logits):
        return logits * self.config.lm_head_multiplier
