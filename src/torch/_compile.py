"""Compiling changes no operation."""
import torch
from torch._modes import a_slice, all_slices, set_slices, slices


def compile(model=None, **kwargs):
    return (lambda found: found) if model is None else model


def compiler_is_compiling():
    return False


def cond(pred, true_fn, false_fn, operands=()):
    return true_fn(*operands)


def while_loop(cond_fn, body_fn, carried_inputs):
    return torch._unknown("a while loop over tensors")


def vmap(func, in_dims=0, out_dims=0, randomness="error", *, chunk_size=None):
    """The function on one slice, which stands for all of them."""

    def mapped(*args, **kwargs):
        dims = [in_dims] * len(args) if in_dims is None or isinstance(in_dims, int) else list(in_dims)
        sizes = [int(x.shape[d]) for x, d in zip(args, dims) if d is not None and isinstance(x, torch.Tensor)]
        if not sizes:
            raise ValueError("vmap: at least one input has to be mapped over")
        if any(size != sizes[0] for size in sizes):
            raise ValueError(f"vmap: the mapped axes have different sizes: {sizes}")
        count = sizes[0]
        before = slices()
        given = [x if d is None else a_slice(x, d) for x, d in zip(args, dims)]
        set_slices(before * count)
        try:
            results = func(*given, **kwargs)
        finally:
            set_slices(before)
        return _joined(results, count, out_dims)

    return mapped


def _joined(result, count, dims):
    if isinstance(result, (tuple, list)):
        each = [dims] * len(result) if isinstance(dims, int) else dims
        return type(result)([_joined(one, count, dim) for one, dim in zip(result, each)])
    return all_slices(result, count, dims)
