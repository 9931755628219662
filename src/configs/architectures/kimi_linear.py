"""Kimi Linear: delta nets whose decay differs by channel, with latent attention at every fourth layer; no positions."""
import torch
from torch import nn
from torch.nn import functional as F

from assay import kv_state

from .parts.config import Config
from .parts.decoder import GatedMLP
from .parts.delta import DeltaNet
from .parts.experts import Experts, GroupRouter, SharedMLP
from .parts.heads import ForCausalLM
from .parts.hybrid import AttendingLayer, MixedLayer, UnturnedHybrid
from .parts.latent import LatentAttention
from .parts.scans import causal_conv1d


class KimiLinearConfig(Config):
    model_type = "kimi_linear"
    attribute_map = {
        "max_position_embeddings": "model_max_length",
        "norm_topk_prob": "moe_renormalize",
        "n_group": "num_expert_group",
        "num_local_experts": "num_experts",
        "num_experts_per_tok": "num_experts_per_token",
        "n_shared_experts": "num_shared_experts",
    }
    defaults = dict(
        vocab_size=163840,
        hidden_size=2304,
        intermediate_size=9216,
        moe_intermediate_size=1024,
        num_hidden_layers=27,
        num_attention_heads=32,
        num_key_value_heads=32,
        num_shared_experts=1,
        num_experts=256,
        num_experts_per_token=8,
        num_expert_group=1,
        topk_group=1,
        moe_renormalize=True,
        routed_scaling_factor=2.446,
        kv_lora_rank=512,
        q_lora_rank=None,
        qk_rope_head_dim=64,
        qk_nope_head_dim=128,
        v_head_dim=128,
        hidden_act="silu",
        model_max_length=1048576,
        rms_norm_eps=1e-5,
        pad_token_id=163839,
        attention_bias=False,
        attention_dropout=0.0,
        linear_head_dim=128,
        linear_num_heads=32,
        linear_conv_kernel_dim=4,
    )

    def complete(self, given):
        own = self.linear_attn_config or {}
        self.tie_word_embeddings = False
        self.linear_head_dim = own.get("head_dim", self.linear_head_dim)
        self.linear_num_heads = own.get("num_heads", self.linear_num_heads)
        self.linear_conv_kernel_dim = own.get("short_conv_kernel_size", self.linear_conv_kernel_dim)
        self.linear_num_key_heads = self.linear_num_value_heads = self.linear_num_heads
        self.linear_key_head_dim = self.linear_value_head_dim = self.linear_head_dim
        layers = range(self.num_hidden_layers)
        if self.layer_types is None:
            attending = [i - 1 for i in own["full_attn_layers"]] if "kda_layers" in own else [i for i in layers if i and i % 4 == 0]
            self.layer_types = ["full_attention" if i in attending else "linear_attention" for i in layers]
        if self.mlp_layer_types is None:
            dense = given.get("first_k_dense_replace", 1)
            self.mlp_layer_types = ["dense" if i < dense else "sparse" for i in layers]


class KimiForgetGate(nn.Module):
    """The decay of each channel, as a logarithm, by a narrow product and a wide one."""

    def __init__(self, config, width, channels):
        super().__init__()
        self.width = width
        self.f_a_proj = nn.Linear(config.hidden_size, width, bias=False)
        self.f_b_proj = nn.Linear(width, channels, bias=False)
        self.dt_bias = nn.Parameter(torch.empty(channels))
        self.A_log = nn.Parameter(torch.empty(1, 1, channels // width, 1))

    def forward(self, x):
        steps = self.f_b_proj(self.f_a_proj(x))
        grown = (steps.float() + self.dt_bias.float().view(1, 1, -1)).view(*x.shape[:2], -1, self.width)
        rate = torch.exp(self.A_log.float())
        softened = torch.where(grown > 20.0, grown, torch.log(1.0 + torch.exp(grown)))
        return -rate * softened


class KimiGatedNorm(nn.Module):
    """An RMS norm of each head in float32, and then a gate."""

    def __init__(self, size, eps):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.eps = eps

    def forward(self, x, gate):
        kind = x.dtype
        x = x.to(torch.float32)
        variance = x.pow(2).mean(-1, keepdim=True)
        x = x * torch.rsqrt(variance + self.eps)
        x = self.weight.to(torch.float32) * x
        x = x * torch.sigmoid(gate.to(torch.float32))
        return x.to(kind)


class KimiDeltaAttention(DeltaNet):
    def __init__(self, config, layer):
        super().__init__(config, layer)
        size, width = config.hidden_size, config.linear_head_dim
        self.q_proj = nn.Linear(size, self.keys, bias=False)
        self.k_proj = nn.Linear(size, self.keys, bias=False)
        self.v_proj = nn.Linear(size, self.values, bias=False)
        self.conv1d = causal_conv1d(3 * self.keys, config.linear_conv_kernel_dim, False)
        self.forget_gate = KimiForgetGate(config, width, self.keys)
        self.b_proj = nn.Linear(size, self.key_heads, bias=False)
        self.g_a_proj = nn.Linear(size, width, bias=False)
        self.g_b_proj = nn.Linear(width, self.values, bias=False)
        self.o_norm = KimiGatedNorm(width, config.rms_norm_eps)
        self.o_proj = nn.Linear(self.values, size, bias=False)

    def projected(self, x):
        return torch.cat([self.q_proj(x), self.k_proj(x), self.v_proj(x)], dim=-1).transpose(1, 2), None, None

    def rates(self, x, more):
        decay = self.forget_gate(x)
        return decay, torch.sigmoid(self.b_proj(x))

    def read(self, out, x, more):
        gate = self.g_b_proj(self.g_a_proj(x)).view(out.shape)
        return self.o_proj(self.o_norm(out, gate).reshape(*x.shape[:2], -1))

    def scan(self, *args):
        return channel_scan(*args)

    def step(self, *args):
        return channel_step(*args)


def unit(x):
    return x / torch.sqrt((x * x).sum(dim=-1, keepdim=True) + 1e-6)


def channel_scan(query, key, value, decay, strength, state=None, size=64):
    """`delta_scan` with a decay `[B, T, H, K]` of each channel; a chunk's corrections are found row by row."""
    kind, length = query.dtype, query.shape[1]
    query, key, value, strength, decay = [
        one.transpose(1, 2).contiguous().to(torch.float32) for one in (query, key, value, strength, decay)
    ]
    query = unit(query)
    key = unit(key)
    batch, heads, _, width = key.shape
    by = (size - length % size) % size
    query = F.pad(query, (0, 0, 0, by)) * (1 / query.shape[-1] ** 0.5)
    key = F.pad(key, (0, 0, 0, by))
    value = F.pad(value, (0, 0, 0, by))
    decay = F.pad(decay, (0, 0, 0, by))
    strength = F.pad(strength, (0, by))
    value_strong = value * strength.unsqueeze(-1)
    key_strong = key * strength.unsqueeze(-1)
    query, key, value, decay, key_strong, value_strong = [
        one.reshape(batch, heads, -1, size, one.shape[-1]) for one in (query, key, value, decay, key_strong, value_strong)
    ]
    decay = decay.cumsum(dim=-2)
    now, later = [torch.triu(torch.ones(size, size, dtype=torch.bool, device=query.device), diagonal=i) for i in (0, 1)]
    between = (decay.unsqueeze(-2) - decay.unsqueeze(-3)).masked_fill(later[..., None], float("-inf")).exp().float()
    system = -(key_strong.unsqueeze(-2) * key.unsqueeze(-3) * between).sum(dim=-1).masked_fill(now, 0)
    for i in range(1, size):
        row = system[..., i, :i].clone()
        above = system[..., :i, :i].clone()
        system[..., i, :i] = row + (row.unsqueeze(-1) * above).sum(-2)
    system = system + torch.eye(size, dtype=system.dtype, device=system.device)
    value = system @ value_strong
    key_known = system @ (key_strong * decay.exp())
    if state is None:
        state = torch.zeros(batch, heads, width, value.shape[-1], dtype=value.dtype, device=value.device)
    else:
        state = state.to(value)
    out = torch.zeros_like(value)
    later = torch.triu(torch.ones(size, size, dtype=torch.bool, device=query.device), diagonal=1)
    for i in range((length + by) // size):
        queries, keys, total = query[:, :, i], key[:, :, i], decay[:, :, i]
        before = (queries * total.exp()) @ state
        scores = (queries.unsqueeze(-2) * keys.unsqueeze(-3) * between[:, :, i]).sum(dim=-1).masked_fill(later, 0)
        foretold = key_known[:, :, i] @ state
        correction = value[:, :, i] - foretold
        out[:, :, i] = before + scores @ correction
        kept = total[:, :, -1].exp().unsqueeze(-1)
        state = state * kept + (keys * (total[:, :, -1:] - total).exp()).transpose(-1, -2) @ correction
    kv_state(state)
    out = out.reshape(batch, heads, -1, out.shape[-1])[:, :, :length]
    return out.transpose(1, 2).contiguous().to(kind), state


def channel_step(query, key, value, decay, strength, state):
    """One token of `channel_scan`."""
    kind = query.dtype
    query, key, value, decay, strength = [one.to(torch.float32) for one in (query, key, value, decay, strength)]
    query = unit(query)
    key = unit(key)
    query = query * (1 / query.shape[-1] ** 0.5)
    out = torch.zeros(value.shape, dtype=value.dtype, device=value.device)
    state = state.to(value)
    state = state * decay[:, 0][..., None].exp()
    foretold = (state * key[:, 0][..., None]).sum(dim=-2)
    correction = (value[:, 0] - foretold) * strength[:, 0][..., None]
    state = state + key[:, 0].unsqueeze(-1) * correction.unsqueeze(-2)
    out[:, 0] = (state * query[:, 0].unsqueeze(-1)).sum(dim=-2)
    return out.to(kind), state


def feed_forward(config, layer):
    if config.mlp_layer_types[layer] != "sparse":
        return GatedMLP(config)
    width = config.moe_intermediate_size
    experts = Experts(config.num_experts, config.hidden_size, width, config.hidden_act)
    return SharedMLP(GroupRouter(config, config.num_experts), experts, GatedMLP(config, width * config.num_shared_experts))


class KimiDeltaLayer(MixedLayer):
    names = ("self_attn", "mlp", "input_layernorm", "post_attention_layernorm")

    def mixer(self, config, layer):
        return KimiDeltaAttention(config, layer)

    def inner(self, config, layer):
        return feed_forward(config, layer)


class KimiAttentionLayer(AttendingLayer):
    names = ("self_attn", "mlp", "input_layernorm", "post_attention_layernorm")

    def mixer(self, config, layer):
        return LatentAttention(config, layer)

    def inner(self, config, layer):
        return feed_forward(config, layer)


class KimiLinearModel(UnturnedHybrid):
    layer_class, attending = KimiDeltaLayer, KimiAttentionLayer


class KimiLinearForCausalLM(ForCausalLM):
    base = KimiLinearModel
