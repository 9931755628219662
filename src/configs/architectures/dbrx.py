"""DBRX: queries, keys and values from one clipped product, and experts of which each token uses a few."""
import torch
from torch import nn
from torch.nn import functional as F

from .parts.activations import activation
from .parts.attention import attend, split_heads
from .parts.block import Block
from .parts.cache import keep
from .parts.config import Config
from .parts.decoder import Decoder
from .parts.heads import ForCausalLM, Model
from .parts.masks import is_eager
from .parts.rotary import rotate


class DbrxConfig(Config):
    """What `attn_config` and `ffn_config` hold stands beside the other values."""

    model_type = "dbrx"
    rope_theta = 10000.0
    attribute_map = {
        "num_attention_heads": "n_heads",
        "hidden_size": "d_model",
        "num_hidden_layers": "n_layers",
        "max_position_embeddings": "max_seq_len",
    }
    defaults = dict(
        d_model=2048,
        n_heads=16,
        n_layers=24,
        max_seq_len=2048,
        vocab_size=32000,
        resid_pdrop=0.0,
        emb_pdrop=0.0,
        attn_config=None,
        ffn_config=None,
        tie_word_embeddings=False,
    )

    def complete(self, given):
        if self.tie_word_embeddings:
            raise ValueError("tie_word_embeddings is not supported for DBRX")
        attention = dict(dict(attn_pdrop=0.0, clip_qkv=None, kv_n_heads=1), **(self.attn_config or {}))
        inner = dict(ffn_act_fn=None, ffn_hidden_size=3584, moe_num_experts=4, moe_top_k=1, moe_jitter_eps=None)
        inner = dict(dict(inner, moe_normalize_expert_weights=1.0), **(self.ffn_config or {}))
        self.num_key_value_heads, self.attention_dropout = attention["kv_n_heads"], attention["attn_pdrop"]
        self.clip = attention["clip_qkv"]
        self.act = (inner["ffn_act_fn"] or {}).get("name", "silu")
        self.ffn_hidden_size, self.experts, self.chosen = inner["ffn_hidden_size"], inner["moe_num_experts"], inner["moe_top_k"]
        self.noise, self.share_norm = inner["moe_jitter_eps"], inner["moe_normalize_expert_weights"]


class DbrxAttention(nn.Module):
    def __init__(self, config, layer):
        super().__init__()
        if config.clip is None:
            raise ValueError("clip_qkv of attn_config is missing: transformers' DBRX cannot run without it")
        self.config, self.layer = config, layer
        self.head_dim = config.d_model // config.n_heads
        self.split = [config.d_model, *[config.num_key_value_heads * self.head_dim] * 2]
        self.Wqkv = nn.Linear(config.d_model, sum(self.split), bias=False)
        self.out_proj = nn.Linear(config.d_model, config.d_model, bias=False)

    def forward(self, x, positions=None, mask=None, cache=None):
        both = self.Wqkv(x)
        both = both.clamp(min=-self.config.clip, max=self.config.clip)
        query, key, value = (split_heads(one, self.head_dim) for one in both.split(self.split, dim=2))
        query, key = rotate(query, key, positions)
        key, value = keep(key, value, cache, self.layer)
        dropout = self.config.attention_dropout if self.training else 0.0
        out, weights = attend(query, key, value, mask, True, self.head_dim**-0.5, dropout, is_eager(self.config))
        out = out.reshape(*x.shape[:-1], -1)
        return self.out_proj(out)


class DbrxExpertGLU(nn.Module):
    """All experts' products; as each row has one expert, what they cost does not depend on the choice."""

    def __init__(self, config):
        super().__init__()
        self.shape = config.experts, config.ffn_hidden_size, config.d_model
        rows = config.experts * config.ffn_hidden_size
        self.w1 = nn.Parameter(torch.empty(rows, config.d_model))
        self.v1 = nn.Parameter(torch.empty(rows, config.d_model))
        self.w2 = nn.Parameter(torch.empty(rows, config.d_model))
        self.activation_fn = activation(config.act)

    def forward(self, x, ends):
        gate = F.grouped_mm(x, self.w1.view(self.shape).transpose(-2, -1), offs=ends)
        up = F.grouped_mm(x, self.v1.view(self.shape).transpose(-2, -1), offs=ends)
        gate = self.activation_fn(gate)
        inner = gate * up
        return F.grouped_mm(inner, self.w2.view(self.shape), offs=ends)


class DbrxExperts(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.count = config.experts
        self.mlp = DbrxExpertGLU(config)

    def forward(self, x, chosen, shares):
        out = torch.zeros_like(x)
        with torch.no_grad():
            counts = F.one_hot(chosen, num_classes=self.count).permute(2, 1, 0).sum(dim=(-1, -2))
            ends = torch.cumsum(counts, dim=0, dtype=torch.int32)
            order = chosen.reshape(-1).sort()[1]
            tokens = order // chosen.shape[-1]
        rows = self.mlp(x[tokens], ends)
        rows = rows * shares.reshape(-1)[order][:, None]
        out.index_add_(0, tokens, rows)
        return out


class DbrxRouter(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.noise = config.noise
        self.layer = nn.Linear(config.d_model, config.experts, bias=False)

    def forward(self, x):
        if self.training and self.noise is not None:
            x *= torch.empty_like(x).uniform_(1.0 - self.noise, 1.0 + self.noise)
        return self.layer(x.view(-1, x.shape[-1]))


class DbrxFFN(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.chosen, self.share_norm = config.chosen, config.share_norm
        self.router = DbrxRouter(config)
        self.experts = DbrxExperts(config)

    def forward(self, x):
        shares = self.router(x)
        shares = F.softmax(shares, dim=1, dtype=shares.dtype)
        shares, chosen = torch.topk(shares, self.chosen, dim=-1)
        if self.share_norm is not None:
            shares = shares / torch.norm(shares, p=self.share_norm, dim=-1, keepdim=True)
        return self.experts(x.reshape(-1, x.shape[-1]), chosen, shares).view(x.shape)


class DbrxNormAttentionNorm(nn.Module):
    def __init__(self, config, layer):
        super().__init__()
        self.dropout = config.resid_pdrop
        self.norm_1 = nn.LayerNorm(config.d_model, bias=False)
        self.attn = DbrxAttention(config, layer)
        self.norm_2 = nn.LayerNorm(config.d_model, bias=False)

    def forward(self, x, positions, mask, cache):
        before = x
        x = self.norm_1(x).to(x.dtype)
        x = self.attn(x, positions, mask, cache)
        x = F.dropout(x, p=self.dropout, training=self.training)
        x = x + before
        before = x
        return before, self.norm_2(x).to(x.dtype)


class DbrxBlock(Block):
    def __init__(self, config, layer):
        super().__init__()
        self.dropout = config.resid_pdrop
        self.norm_attn_norm = DbrxNormAttentionNorm(config, layer)
        self.ffn = DbrxFFN(config)

    def forward(self, x, positions=None, mask=None, cache=None):
        before, x = self.norm_attn_norm(x, positions, mask, cache)
        x = self.ffn(x)
        x = F.dropout(x, p=self.dropout, training=self.training)
        return before + x


class DbrxModel(Decoder):
    embed_name, norm_name = "wte", "norm_f"

    def __init__(self, config):
        Model.__init__(self, config)
        self.rotary_emb = self.rotary(config)
        self.wte = self.embedding(config)
        self.blocks = nn.ModuleList([DbrxBlock(config, i) for i in range(config.n_layers)])
        self.norm_f = nn.LayerNorm(config.d_model, bias=False)

    @property
    def layers(self):
        return self.blocks

    def window(self, layer):
        return None


class DbrxForCausalLM(ForCausalLM):
    base = DbrxModel
    name = "transformer"
