"""Functions of torch that PyTorch composes of others."""
import torch


def atleast_1d(*tensors):
    return _each(tensors, lambda x: x.reshape(1) if x.dim() == 0 else x)


def atleast_2d(*tensors):
    def raised(x):
        return x.reshape(1, 1) if x.dim() == 0 else x.unsqueeze(0) if x.dim() == 1 else x

    return _each(tensors, raised)


def atleast_3d(*tensors):
    def raised(x):
        if x.dim() == 0:
            return x.reshape(1, 1, 1)
        if x.dim() == 1:
            return x.unsqueeze(0).unsqueeze(-1)
        return x.unsqueeze(-1) if x.dim() == 2 else x

    return _each(tensors, raised)


def _each(tensors, change):
    if len(tensors) == 1 and isinstance(tensors[0], (list, tuple)):
        tensors = tensors[0]
    elif len(tensors) == 1:
        return change(tensors[0])
    return tuple(change(x) for x in tensors)


def dstack(tensors):
    return torch.cat(list(atleast_3d(list(tensors))), 2)


def column_stack(tensors):
    return torch.cat([x.reshape(-1, 1) if x.dim() < 2 else x for x in tensors], 1)


def diagflat(input, offset=0):
    return torch.diag(input.reshape(-1), offset)


def combinations(input, r=2, with_replacement=False):
    if r == 0:
        return input.new_empty((0,))
    n = input.shape[0]
    count = 1
    for i in range(r):
        count = count * (n + i if with_replacement else n - i) // (i + 1)
    grids = torch.meshgrid([input] * r, indexing="ij")
    return torch.stack([grid.reshape(-1)[:count] for grid in grids], 1)


def vander(x, N=None, increasing=False):
    n = x.shape[0] if N is None else N
    result = x.unsqueeze(-1) ** torch.arange(n)
    return result if increasing else result.flip(-1)


def diff(input, n=1, dim=-1, prepend=None, append=None):
    parts = [x for x in (prepend, input, append) if x is not None]
    x = torch.cat(parts, dim) if len(parts) > 1 else input
    for _ in range(n):
        length = x.shape[dim]
        later, earlier = x.narrow(dim, 1, length - 1), x.narrow(dim, 0, length - 1)
        x = torch.logical_xor(later, earlier) if x.dtype == torch.bool else later - earlier
    return x


def trapezoid(y, x=None, *, dx=1, dim=-1):
    return _areas(y, x, dx, dim).sum(dim)


trapz = trapezoid


def cumulative_trapezoid(y, x=None, *, dx=1, dim=-1):
    return _areas(y, x, dx, dim).cumsum(dim)


def _areas(y, x, dx, dim):
    length = y.shape[dim]
    pairs = y.narrow(dim, 0, length - 1) + y.narrow(dim, 1, length - 1)
    return pairs * (dx / 2) if x is None else pairs * (diff(x, 1, dim if x.dim() > 1 else -1) / 2)


def isin(elements, test_elements, *, assume_unique=False, invert=False):
    if not isinstance(elements, torch.Tensor):
        elements = torch.tensor(elements)
    if not isinstance(test_elements, torch.Tensor):
        test_elements = torch.tensor(test_elements)
    found = (elements.unsqueeze(-1) == test_elements.flatten()).any(-1)
    return ~found if invert else found


def gradient(input, *, spacing=None, dim=None, edge_order=1):
    axes = range(input.dim()) if dim is None else [dim] if isinstance(dim, int) else dim
    return tuple(torch.empty_like(input).copy_(input) for _ in axes)


def quantile(input, q, dim=None, keepdim=False, *, interpolation="linear"):
    if not isinstance(q, torch.Tensor):
        q = torch.tensor(q, dtype=input.dtype)
    x = input.flatten() if dim is None else input
    ordered = x.sort(-1 if dim is None else dim)[0]
    axis = 0 if dim is None else dim % input.dim()
    if q.dim() == 0:
        picked = ordered.select(axis, 0)
        if keepdim:
            picked = picked.reshape([1] * input.dim()) if dim is None else picked.unsqueeze(axis)
        return torch.lerp(picked, picked, 0.5)
    picked = ordered.narrow(axis, 0, 1).movedim(axis, 0)
    picked = picked.expand(q.shape[0], *picked.shape[1:])
    if keepdim:
        picked = picked.unsqueeze(axis + 1) if dim is not None else picked.reshape([q.shape[0]] + [1] * input.dim())
    return torch.lerp(picked, picked, 0.5)


nanquantile = quantile


def unique(input, sorted=True, return_inverse=False, return_counts=False, dim=None):
    if dim is None:
        values, inverse, counts = torch._unique2(input, sorted, return_inverse, return_counts)
    else:
        values, inverse, counts = torch.unique_dim(input, dim, sorted, return_inverse, return_counts)
    return _chosen(values, inverse, counts, return_inverse, return_counts)


def unique_consecutive(input, return_inverse=False, return_counts=False, dim=None):
    values, inverse, counts = torch._unique_consecutive(input, return_inverse, return_counts, dim)
    return _chosen(values, inverse, counts, return_inverse, return_counts)


def _chosen(values, inverse, counts, return_inverse, return_counts):
    if not return_inverse and not return_counts:
        return values
    return (values,) + ((inverse,) if return_inverse else ()) + ((counts,) if return_counts else ())


def cov(input, *, correction=1, fweights=None, aweights=None):
    x = input.reshape(1, -1) if input.dim() < 2 else input
    centred = x - x.mean(1, keepdim=True)
    result = torch.matmul(centred, centred.t().conj()) / (x.shape[1] - correction)
    return result.squeeze()


def corrcoef(input):
    c = cov(input)
    if c.dim() == 0:
        return c / c
    deviation = torch.sqrt(c.diagonal())
    return c / deviation.unsqueeze(-1) / deviation.unsqueeze(0)


def sparse_coo_tensor(indices, values, size=None, *, dtype=None, device=None, requires_grad=False, is_coalesced=None):
    if size is None:
        return torch._unknown("a sparse tensor without a size")
    return torch.zeros(size, dtype=values.dtype if dtype is None else dtype)


def sparse_csr_tensor(crow_indices, col_indices, values, size=None, *, dtype=None, device=None, requires_grad=False):
    if size is None:
        return torch._unknown("a sparse tensor without a size")
    return torch.zeros(size, dtype=values.dtype if dtype is None else dtype)


def float_power(input, exponent):
    if isinstance(exponent, torch.Tensor):
        exponent = exponent.double()
    return torch.pow(input.double() if isinstance(input, torch.Tensor) else input, exponent)


def ldexp(input, other):
    return input * torch.pow(2.0, other)


def frexp(input):
    return torch.empty_like(input), torch.empty_like(input, dtype=torch.int32)


def fake_quantize_per_tensor_affine(input, scale, zero_point, quant_min, quant_max):
    return torch.clamp(input, quant_min, quant_max)


def fake_quantize_per_channel_affine(input, scale, zero_point, axis, quant_min, quant_max):
    return torch.clamp(input, quant_min, quant_max)


def diagonal_scatter(input, src, offset=0, dim1=0, dim2=1):
    result = input.clone()
    result.diagonal(offset, dim1, dim2).copy_(src)
    return result


def select_scatter(input, src, dim, index):
    result = input.clone()
    result.select(dim, index).copy_(src)
    return result


def slice_scatter(input, src, dim=0, start=None, end=None, step=1):
    result = input.clone()
    result[(slice(None),) * (dim % input.dim()) + (slice(start, end, step),)].copy_(src)
    return result


def renorm(input, p, dim, maxnorm):
    others = [d for d in range(input.dim()) if d != dim % input.dim()]
    length = torch.linalg.vector_norm(input, p, others, keepdim=True)
    return input * torch.where(length > maxnorm, maxnorm / (length + 1e-7), 1.0)


def segment_reduce(data, reduce, *, lengths=None, indices=None, offsets=None, axis=0, unsafe=False, initial=None):
    count = lengths.shape[-1] if lengths is not None else offsets.shape[-1] - 1
    return data.new_empty((count,) + tuple(data.shape[1:]))
