"""AFMoE: gated attention with windows on three layers of four, norms before and after each half, experts by sigmoid scores."""
import torch
from torch import nn

from .parts.attention import WideRMSNorm
from .parts.cache import keep
from .parts.config import Config, alternating
from .parts.decoder import Attention, Decoder, DecoderLayer, GatedMLP, window_of
from .parts.experts import Experts
from .parts.heads import ForCausalLM


class AfmoeConfig(Config):
    model_type = "afmoe"
    rope_theta = 10000.0
    defaults = dict(
        vocab_size=200192,
        hidden_size=2048,
        intermediate_size=6144,
        moe_intermediate_size=1408,
        num_hidden_layers=32,
        num_dense_layers=1,
        num_attention_heads=16,
        head_dim=128,
        hidden_act="silu",
        max_position_embeddings=16384,
        rms_norm_eps=1e-5,
        tie_word_embeddings=False,
        num_experts=64,
        num_experts_per_tok=6,
        num_shared_experts=2,
        route_scale=1.0,
        global_attn_every_n_layers=4,
        sliding_window=1024,
        attention_dropout=0.0,
        mup_enabled=False,
        attention_bias=False,
    )

    def complete(self, given):
        self.layer_types = self.layer_types or alternating(self, self.global_attn_every_n_layers)
        self.num_key_value_heads = self.num_key_value_heads or self.num_attention_heads


class AfmoeAttention(Attention):
    """Heads are normalised, windowed layers alone have positions, and a gate closes what comes out."""

    def __init__(self, config, layer):
        super().__init__(config, layer, bias=config.attention_bias, window=window_of(config, layer))
        self.q_norm = WideRMSNorm(self.head_dim, eps=config.rms_norm_eps)
        self.k_norm = WideRMSNorm(self.head_dim, eps=config.rms_norm_eps)
        self.gate_proj = nn.Linear(config.hidden_size, config.num_attention_heads * self.head_dim, bias=False)
        self.local = config.layer_types[layer] == "sliding_attention"

    def forward(self, x, positions=None, mask=None, cache=None):
        shape = (*x.shape[:-1], -1, self.head_dim)
        query, key, value = (proj(x).view(shape) for proj in (self.q_proj, self.k_proj, self.v_proj))
        gate = self.gate_proj(x)
        query, key, value = self.q_norm(query).transpose(1, 2), self.k_norm(key).transpose(1, 2), value.transpose(1, 2)
        query, key = self.turn(query, key, positions if self.local else None)
        key, value = keep(key, value, cache, self.layer, self.window)
        out, weights = self.weigh(query, key, value, mask)
        out = out.reshape(*x.shape[:-1], -1)
        out = out * torch.sigmoid(gate)
        return self.o_proj(out), weights


class AfmoeRouter(nn.Module):
    """The best experts by sigmoid scores plus `bias`; their shares add up to the scale."""

    def __init__(self, config):
        super().__init__()
        self.config = config
        self.gate = nn.Linear(config.hidden_size, config.num_experts, bias=False)

    def forward(self, x, bias):
        scores = torch.sigmoid(self.gate(x.view(-1, x.shape[-1])).to(torch.float32))
        chosen = torch.topk(scores + bias, k=self.config.num_experts_per_tok, dim=1)[1]
        shares = scores.gather(dim=1, index=chosen)
        shares = shares / (shares.sum(dim=-1, keepdim=True) + 1e-20)
        return shares * self.config.route_scale, chosen


class AfmoeMoE(nn.Module):
    def __init__(self, config):
        super().__init__()
        width = config.moe_intermediate_size
        self.router = AfmoeRouter(config)
        self.shared_experts = GatedMLP(config, width * config.num_shared_experts)
        self.experts = Experts(config.num_experts, config.hidden_size, width, config.hidden_act)
        self.expert_bias = nn.Parameter(torch.zeros(config.num_experts), requires_grad=False)

    def forward(self, x):
        flat = x.view(-1, x.shape[-1])
        shares, chosen = self.router(x, self.expert_bias)
        shared = self.shared_experts(flat).view(x.shape)
        return shared + self.experts(flat, chosen, shares).view(x.shape)


class AfmoeDecoderLayer(DecoderLayer):
    norm = WideRMSNorm

    def attention(self, config, layer):
        return AfmoeAttention(config, layer)

    def feed_forward(self, config, layer):
        return AfmoeMoE(config) if layer >= config.num_dense_layers else GatedMLP(config)

    def norms(self, config):
        super().norms(config)
        self.pre_mlp_layernorm = self.norm(config.hidden_size, eps=config.rms_norm_eps)
        self.post_mlp_layernorm = self.norm(config.hidden_size, eps=config.rms_norm_eps)

    def forward(self, x, positions=None, mask=None, cache=None):
        before = x
        x = self.input_layernorm(x)
        x, weights = self.self_attn(x, positions, mask, cache)
        x = self.post_attention_layernorm(x)
        x = before + x
        before = x
        x = self.pre_mlp_layernorm(x)
        x = self.mlp(x)
        x = self.post_mlp_layernorm(x)
        return before + x


class AfmoeModel(Decoder):
    layer_class = AfmoeDecoderLayer
    norm_class = WideRMSNorm

    def embedded(self, x):
        return x * self.config.hidden_size**0.5 if self.config.mup_enabled else x

    def masks(self, x, padding, cache, positions):
        return super().masks(x, padding, cache, None)


class AfmoeForCausalLM(ForCausalLM):
    base = AfmoeModel
