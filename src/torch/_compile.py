"""Compiling changes no operation."""
import torch


def compile(model=None, **kwargs):
    return (lambda found: found) if model is None else model


def compiler_is_compiling():
    return False


def cond(pred, true_fn, false_fn, operands=()):
    return true_fn(*operands)


def while_loop(cond_fn, body_fn, carried_inputs):
    return torch._unknown("a while loop over tensors")


def vmap(func, in_dims=0, out_dims=0, randomness="error", *, chunk_size=None):
    """The function on every slice, the results stacked: right in shape and in products."""

    def mapped(*args, **kwargs):
        dims = [in_dims] * len(args) if in_dims is None or isinstance(in_dims, int) else list(in_dims)
        sizes = [x.shape[d] for x, d in zip(args, dims) if d is not None and isinstance(x, torch.Tensor)]
        results = []
        for i in range(sizes[0]):
            results.append(func(*[x if d is None else x.select(d, i) for x, d in zip(args, dims)], **kwargs))
        if isinstance(results[0], tuple):
            return tuple(torch.stack([one[k] for one in results], out_dims) for k in range(len(results[0])))
        return torch.stack(results, out_dims)

    return mapped
