import torch.nn.functional as F
from torch import nn

from .kv_cache import KVCache


class MultiHeadAttention(nn.Module):
    """Attention with groups of query heads for each key head; all projections are handed in."""

    def __init__(self, *, embed_dim, num_heads, num_kv_heads, head_dim, q_proj, k_proj, v_proj, output_proj,
                 pos_embeddings=None, q_norm=None, k_norm=None, kv_cache=None, max_seq_len=4096, is_causal=True,
                 attn_dropout=0.0):
        super().__init__()
        if num_heads % num_kv_heads:
            raise ValueError("num_heads (%s) must be divisible by num_kv_heads (%s)" % (num_heads, num_kv_heads))
        if embed_dim % num_heads:
            raise ValueError("embed_dim (%s) must be divisible by num_heads (%s)" % (embed_dim, num_heads))
        if not 0 <= attn_dropout <= 1:
            raise ValueError("attn_dropout (%s) must be between 0.0 and 1.0" % attn_dropout)
        if (q_norm is None) != (k_norm is None):
            raise ValueError("q and k norm must be set together")
        self.num_heads, self.num_kv_heads, self.head_dim = num_heads, num_kv_heads, head_dim
        self.embed_dim, self.max_seq_len = embed_dim, max_seq_len
        self.attn_dropout, self.is_causal = attn_dropout, is_causal
        self.kv_cache = kv_cache
        self.q_proj, self.k_proj, self.v_proj, self.output_proj = q_proj, k_proj, v_proj, output_proj
        self.q_norm, self.k_norm = q_norm, k_norm
        self.pos_embeddings = pos_embeddings
        self.cache_enabled = False

    def setup_cache(self, batch_size, dtype, max_seq_len):
        if self.kv_cache is None:
            self.kv_cache = KVCache(batch_size, max_seq_len, self.num_kv_heads, self.head_dim, dtype)
            self.cache_enabled = True

    def reset_cache(self):
        if self.kv_cache is None:
            raise RuntimeError("Key value caches are not setup. Call ``setup_caches()`` first.")
        self.kv_cache.reset()

    def _placed(self, x, norm, input_pos):
        """Heads with their positions, before the sequence, and normed."""
        if self.pos_embeddings is not None:
            x = self.pos_embeddings(x, input_pos=input_pos)
        x = x.transpose(1, 2)
        return x if norm is None else norm(x)

    def forward(self, x, y=None, *, mask=None, input_pos=None):
        batch, length, _ = x.shape
        groups = self.num_heads // self.num_kv_heads
        q = self.q_proj(x).view(batch, length, self.num_kv_heads * groups, self.head_dim)
        q = self._placed(q, self.q_norm, input_pos)
        if y is None:
            if self.kv_cache is None or not self.cache_enabled:
                raise ValueError("Must provide y input or use kv_cache to enable streaming decoding")
            k, v = self.kv_cache.k_cache, self.kv_cache.v_cache
        else:
            k, v = self.k_proj(y), self.v_proj(y)
            k = k.view(batch, y.shape[1], -1, self.head_dim)
            v = v.view(batch, y.shape[1], -1, self.head_dim).transpose(1, 2)
            k = self._placed(k, self.k_norm, input_pos)
            if self.kv_cache is not None and self.cache_enabled:
                k, v = self.kv_cache.update(k, v)
        if groups > 1:
            repeated = (batch, self.num_kv_heads, groups, -1, self.head_dim)
            k = k.unsqueeze(2).expand(repeated).flatten(1, 2)
            v = v.unsqueeze(2).expand(repeated).flatten(1, 2)
        out = F.scaled_dot_product_attention(
            q, k, v, attn_mask=None if mask is None else mask[:, None, :, :],
            dropout_p=self.attn_dropout if self.training else 0.0,
            is_causal=self.kv_cache is None and mask is None and self.is_causal,
        )
        return self.output_proj(out.transpose(1, 2).contiguous().view(batch, length, -1))
