"""Multi-head attention with its projections."""

import torch
from torch._native import Parameter

from .. import functional as F
from .linear import NonDynamicallyQuantizableLinear
from .module import Module


class MultiheadAttention(Module):
    __constants__ = ["batch_first"]

    def __init__(
        self, embed_dim, num_heads, dropout=0.0, bias=True, add_bias_kv=False, add_zero_attn=False, kdim=None,
        vdim=None, batch_first=False, device=None, dtype=None,
    ):
        if embed_dim <= 0 or num_heads <= 0:
            raise ValueError(
                "embed_dim and num_heads must be greater than 0, "
                f"got embed_dim={embed_dim} and num_heads={num_heads} instead"
            )
        super().__init__()
        self.embed_dim = embed_dim
        self.kdim = embed_dim if kdim is None else kdim
        self.vdim = embed_dim if vdim is None else vdim
        self._qkv_same_embed_dim = self.kdim == embed_dim and self.vdim == embed_dim
        self.num_heads = num_heads
        self.dropout = dropout
        self.batch_first = batch_first
        self.head_dim = embed_dim // num_heads
        if self.head_dim * num_heads != embed_dim:
            raise AssertionError("embed_dim must be divisible by num_heads")

        def matrix(*size):
            return Parameter(torch.empty(size, device=device, dtype=dtype))

        if self._qkv_same_embed_dim:
            self.in_proj_weight = matrix(3 * embed_dim, embed_dim)
            for name in ("q_proj_weight", "k_proj_weight", "v_proj_weight"):
                self.register_parameter(name, None)
        else:
            self.q_proj_weight = matrix(embed_dim, embed_dim)
            self.k_proj_weight = matrix(embed_dim, self.kdim)
            self.v_proj_weight = matrix(embed_dim, self.vdim)
            self.register_parameter("in_proj_weight", None)
        if bias:
            self.in_proj_bias = matrix(3 * embed_dim)
        else:
            self.register_parameter("in_proj_bias", None)
        self.out_proj = NonDynamicallyQuantizableLinear(embed_dim, embed_dim, bias=bias, device=device, dtype=dtype)
        if add_bias_kv:
            self.bias_k = matrix(1, 1, embed_dim)
            self.bias_v = matrix(1, 1, embed_dim)
        else:
            self.bias_k = self.bias_v = None
        self.add_zero_attn = add_zero_attn
        self._reset_parameters()

    def _reset_parameters(self):
        """Random values, which change no size."""

    def __setstate__(self, state):
        state.setdefault("_qkv_same_embed_dim", True)
        super().__setstate__(state)

    def forward(
        self, query, key, value, key_padding_mask=None, need_weights=True, attn_mask=None, average_attn_weights=True,
        is_causal=False,
    ):
        if not need_weights and attn_mask is None and key_padding_mask is None and query is key is value:
            if self._takes_fast_path(query):
                return self._fast_attention(query), None
        swapped = self.batch_first and query.dim() == 3
        if swapped:
            # Equal inputs stay equal: they are projected in one product.
            same_key, same_value = query is key, key is value
            query = query.transpose(1, 0)
            key = query if same_key else key.transpose(1, 0)
            value = key if same_value else value.transpose(1, 0)
        weights = {}
        if not self._qkv_same_embed_dim:
            weights = {
                "use_separate_proj_weight": True,
                "q_proj_weight": self.q_proj_weight,
                "k_proj_weight": self.k_proj_weight,
                "v_proj_weight": self.v_proj_weight,
            }
        output, attention = F.multi_head_attention_forward(
            query,
            key,
            value,
            self.embed_dim,
            self.num_heads,
            self.in_proj_weight,
            self.in_proj_bias,
            self.bias_k,
            self.bias_v,
            self.add_zero_attn,
            self.dropout,
            self.out_proj.weight,
            self.out_proj.bias,
            training=self.training,
            key_padding_mask=key_padding_mask,
            need_weights=need_weights,
            attn_mask=attn_mask,
            average_attn_weights=average_attn_weights,
            is_causal=is_causal,
            **weights,
        )
        return (output.transpose(1, 0) if swapped else output), attention

    def _takes_fast_path(self, x):
        """Whether PyTorch runs `_native_multi_head_attention` on one tensor without masks, and that a fused kernel."""
        return (
            torch.backends.mha.get_fastpath_enabled()
            and not self.training
            and x.dim() == 3
            and self.batch_first
            and self._qkv_same_embed_dim
            and self.in_proj_bias is not None
            and x.dtype == self.in_proj_weight.dtype == self.in_proj_bias.dtype
            and self.num_heads % 2 == 0
            and self.head_dim % 8 == 0
            and self.bias_k is None
            and self.bias_v is None
            and not self.add_zero_attn
            and not torch.is_autocast_enabled()
            and not torch.is_grad_enabled()
        )

    def _fast_attention(self, x):
        """One product for query, key and value, which stay where it leaves them (aten/src/ATen/native/transformers/cuda/attention.cu)."""
        projected = F.linear(x, self.in_proj_weight, self.in_proj_bias)
        heads = [part.view(x.size(0), -1, self.num_heads, self.head_dim).transpose(1, 2) for part in projected.chunk(3, -1)]
        del projected
        out = F.scaled_dot_product_attention(*heads)
        del heads
        out = out.transpose(1, 2).reshape(x.size(0), -1, self.embed_dim)
        return F.linear(out, self.out_proj.weight, self.out_proj.bias)

    def merge_masks(self, attn_mask, key_padding_mask, query):
        """Both masks as one over (batch, heads, queries, keys), and which kind it is: 0 queries, 1 keys, 2 both."""
        if key_padding_mask is None:
            return attn_mask, None if attn_mask is None else 0
        if attn_mask is None:
            return key_padding_mask, 1
        batch, length = query.shape[0], key_padding_mask.shape[-1]
        if attn_mask.dim() == 3:
            merged = attn_mask.view(batch, -1, length, length)
        else:
            merged = attn_mask.view(1, 1, length, length).expand(batch, self.num_heads, -1, -1)
        return merged + key_padding_mask.view(batch, 1, 1, length).expand(-1, self.num_heads, -1, -1), 2
