"""The functions: (batch, length, heads, width) in and out; key heads may be fewer than the query's."""
import torch
import torch.nn.functional as F
from _assay import unknown as _unknown


def flash_attn_func(q, k, v, dropout_p=0.0, softmax_scale=None, causal=False, window_size=(-1, -1), softcap=0.0,
                    alibi_slopes=None, deterministic=False, return_attn_probs=False, **kwargs):
    if k.shape[2] != v.shape[2]:
        raise RuntimeError("key has %s heads, but value has %s" % (k.shape[2], v.shape[2]))
    if q.shape[2] % k.shape[2]:
        raise RuntimeError("Number of heads in key/value must divide number of heads in query")
    out = F.scaled_dot_product_attention(
        q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2), dropout_p=dropout_p, is_causal=causal,
        scale=softmax_scale, enable_gqa=q.shape[2] != k.shape[2],
    ).transpose(1, 2)
    if return_attn_probs:
        return out, torch.empty(q.shape[0], q.shape[2], q.shape[1], dtype=torch.float32), None
    return out


def flash_attn_qkvpacked_func(qkv, *args, **kwargs):
    return flash_attn_func(qkv[:, :, 0], qkv[:, :, 1], qkv[:, :, 2], *args, **kwargs)


def flash_attn_kvpacked_func(q, kv, *args, **kwargs):
    return flash_attn_func(q, kv[:, :, 0], kv[:, :, 1], *args, **kwargs)


def flash_attn_varlen_func(q, k, v, cu_seqlens_q, cu_seqlens_k, max_seqlen_q, max_seqlen_k, dropout_p=0.0,
                           softmax_scale=None, causal=False, window_size=(-1, -1), softcap=0.0, alibi_slopes=None,
                           deterministic=False, return_attn_probs=False, block_table=None, **kwargs):
    """Sequences one behind the other: their lengths decide the cost."""
    count = cu_seqlens_q.shape[0] - 1
    one = lambda a, b, c: flash_attn_func(a[None], b[None], c[None], dropout_p, softmax_scale, causal)[0]
    if count == 1:
        out = one(q, k, v)
    elif count * max_seqlen_q == q.shape[0] and count * max_seqlen_k == k.shape[0]:
        # As many rows as the longest sequence taken that often: all are equally long.
        rows = lambda x, length: x.view(count, length, *x.shape[1:])
        out = flash_attn_func(rows(q, max_seqlen_q), rows(k, max_seqlen_k), rows(v, max_seqlen_k), dropout_p,
                              softmax_scale, causal).reshape(q.shape[0], *q.shape[1:-1], v.shape[-1])
    else:
        out = _unknown("the lengths of the sequences in cu_seqlens are not known")(q, k, v)
        out = q.new_empty(*q.shape[:-1], v.shape[-1])
    if return_attn_probs:
        return out, torch.empty(q.shape[1], q.shape[0], dtype=torch.float32), None
    return out


def flash_attn_varlen_qkvpacked_func(qkv, cu_seqlens, max_seqlen, *args, **kwargs):
    return flash_attn_varlen_func(qkv[:, 0], qkv[:, 1], qkv[:, 2], cu_seqlens, cu_seqlens, max_seqlen, max_seqlen, *args, **kwargs)


def flash_attn_varlen_kvpacked_func(q, kv, cu_seqlens_q, cu_seqlens_k, max_seqlen_q, max_seqlen_k, *args, **kwargs):
    return flash_attn_varlen_func(q, kv[:, 0], kv[:, 1], cu_seqlens_q, cu_seqlens_k, max_seqlen_q, max_seqlen_k, *args, **kwargs)


# The older names.
flash_attn_unpadded_func = flash_attn_varlen_func
flash_attn_unpadded_qkvpacked_func = flash_attn_varlen_qkvpacked_func
flash_attn_unpadded_kvpacked_func = flash_attn_varlen_kvpacked_func


def flash_attn_with_kvcache(q, k_cache, v_cache, k=None, v=None, rotary_cos=None, rotary_sin=None, cache_seqlens=None,
                            cache_batch_idx=None, cache_leftpad=None, block_table=None, softmax_scale=None, causal=False,
                            **kwargs):
    if block_table is not None or (cache_seqlens is not None and not isinstance(cache_seqlens, int)):
        out = _unknown("how much of the cache is filled is not known")(q, k_cache, v_cache)
        return q.new_empty(*q.shape[:-1], v_cache.shape[-1])
    if k is None:
        filled = k_cache.shape[1] if cache_seqlens is None else cache_seqlens
    else:
        filled = (cache_seqlens or 0) + k.shape[1]
    return flash_attn_func(q, k_cache[:, :filled], v_cache[:, :filled], 0.0, softmax_scale, causal)
