"""xformers.ops: attention costed as attention, and the fused SwiGLU."""
from . import fmha
from .fmha import LowerTriangularMask, memory_efficient_attention, memory_efficient_attention_forward
from .swiglu import SwiGLU, swiglu

AttentionBias = fmha.attn_bias.AttentionBias
MemoryEfficientAttentionFlashAttentionOp = None
MemoryEfficientAttentionCutlassOp = None
MemoryEfficientAttentionOp = None
AttentionOpBase = object


def unbind(x, dim):
    return x.unbind(dim)


def stack_or_none(tensors, dim):
    import torch

    return torch.stack(tensors, dim)


def index_select_cat(sources, indices):
    import torch

    return torch.cat([source[index.long()].flatten() for source, index in zip(sources, indices)], dim=0)


def scaled_index_add(input, index, source, scaling=None, alpha=1.0):
    return input.index_add(0, index, source if scaling is None else source * scaling, alpha=alpha)
