"""Multi-head attention around the functions."""
import torch
from torch import nn

from flash_attn.flash_attn_interface import flash_attn_func, flash_attn_kvpacked_func, flash_attn_qkvpacked_func, flash_attn_varlen_qkvpacked_func
from flash_attn.layers.rotary import RotaryEmbedding


class FlashSelfAttention(nn.Module):
    def __init__(self, causal=False, softmax_scale=None, attention_dropout=0.0, window_size=(-1, -1), alibi_slopes=None, deterministic=False):
        super().__init__()
        self.causal, self.softmax_scale = causal, softmax_scale
        self.drop = nn.Dropout(attention_dropout)

    def forward(self, qkv, causal=None, cu_seqlens=None, max_seqlen=None):
        causal = self.causal if causal is None else causal
        dropout = self.drop.p if self.training else 0.0
        if cu_seqlens is not None:
            return flash_attn_varlen_qkvpacked_func(qkv, cu_seqlens, max_seqlen, dropout, softmax_scale=self.softmax_scale, causal=causal)
        return flash_attn_qkvpacked_func(qkv, dropout, softmax_scale=self.softmax_scale, causal=causal)


SelfAttention = FlashSelfAttention


class FlashCrossAttention(nn.Module):
    def __init__(self, causal=False, softmax_scale=None, attention_dropout=0.0, window_size=(-1, -1), alibi_slopes=None, deterministic=False):
        super().__init__()
        self.causal, self.softmax_scale = causal, softmax_scale
        self.drop = nn.Dropout(attention_dropout)

    def forward(self, q, kv, causal=None, **kwargs):
        return flash_attn_kvpacked_func(q, kv, self.drop.p if self.training else 0.0, softmax_scale=self.softmax_scale,
                                        causal=self.causal if causal is None else causal)


CrossAttention = FlashCrossAttention


class MHA(nn.Module):
    def __init__(self, embed_dim, num_heads, num_heads_kv=None, cross_attn=False, qkv_proj_bias=True, out_proj_bias=True,
                 dropout=0.0, softmax_scale=None, causal=False, layer_idx=None, dwconv=False, rotary_emb_dim=0,
                 rotary_emb_base=10000.0, rotary_emb_scale_base=None, rotary_emb_interleaved=False, use_alibi=False,
                 window_size=(-1, -1), fused_bias_fc=False, use_flash_attn=False, return_residual=False,
                 checkpointing=False, device=None, dtype=None):
        super().__init__()
        self.embed_dim, self.num_heads, self.causal, self.cross_attn = embed_dim, num_heads, causal, cross_attn
        self.num_heads_kv = num_heads_kv if num_heads_kv is not None else num_heads
        self.head_dim = embed_dim // num_heads
        self.softmax_scale, self.dropout, self.return_residual = softmax_scale, dropout, return_residual
        width = self.head_dim * (num_heads + 2 * self.num_heads_kv)
        if rotary_emb_dim > 0:
            self.rotary_emb = RotaryEmbedding(rotary_emb_dim, base=rotary_emb_base, interleaved=rotary_emb_interleaved)
        self.rotary_emb_dim = rotary_emb_dim
        if cross_attn:
            self.Wq = nn.Linear(embed_dim, embed_dim, bias=qkv_proj_bias, device=device, dtype=dtype)
            self.Wkv = nn.Linear(embed_dim, 2 * self.head_dim * self.num_heads_kv, bias=qkv_proj_bias, device=device, dtype=dtype)
        else:
            self.Wqkv = nn.Linear(embed_dim, width, bias=qkv_proj_bias, device=device, dtype=dtype)
        self.out_proj = nn.Linear(embed_dim, embed_dim, bias=out_proj_bias, device=device, dtype=dtype)

    def forward(self, x, x_kv=None, **kwargs):
        heads = lambda t, n: t.unflatten(-1, (n, self.head_dim))
        own, shared = self.num_heads * self.head_dim, self.num_heads_kv * self.head_dim
        if self.cross_attn:
            q = heads(self.Wq(x), self.num_heads)
            k, v = self.Wkv(x if x_kv is None else x_kv).split([shared, shared], -1)
        else:
            q, k, v = self.Wqkv(x).split([own, shared, shared], -1)
            q = heads(q, self.num_heads)
        k, v = heads(k, self.num_heads_kv), heads(v, self.num_heads_kv)
        if self.rotary_emb_dim > 0:
            q, kv = self.rotary_emb(q, torch.stack((k, v), 2))
            k, v = kv.unbind(2)
        out = flash_attn_func(q, k, v, self.dropout if self.training else 0.0, self.softmax_scale, self.causal)
        out = self.out_proj(out.flatten(-2))
        return (out, x) if self.return_residual else out
