"""Fourier transforms, cut or padded to their lengths first."""
import torch
import torch.nn.functional as F

# How a transform is scaled: not at all, by the root of its length, by its length.
_forward = {None: 0, "backward": 0, "ortho": 1, "forward": 2}
_backward = {None: 2, "backward": 2, "ortho": 1, "forward": 0}


def _sized(x, dim, n):
    length = x.shape[dim]
    if n is None or n == length:
        return x
    if n < length:
        return x.narrow(dim, 0, n)
    return F.pad(x, [0, 0] * (x.dim() - 1 - dim % x.dim()) + [0, n - length])


def _real(x):
    return x if x.is_floating_point() or x.is_complex() else x.float()


def _complex(x):
    return x if x.is_complex() else x.to(torch.complex128 if x.dtype == torch.float64 else torch.complex64)


def _several(input, s, dim):
    if dim is None:
        dim = list(range(input.dim())) if s is None else list(range(input.dim() - len(s), input.dim()))
    dims = [dim] if isinstance(dim, int) else list(dim)
    sizes = [None] * len(dims) if s is None else [None if n == -1 else n for n in s]
    return [d % input.dim() for d in dims], sizes


def fftn(input, s=None, dim=None, norm=None):
    dims, sizes = _several(input, s, dim)
    for d, n in zip(dims, sizes):
        input = _sized(input, d, n)
    return torch._fft_c2c(_complex(input), dims, _forward[norm], True)


def ifftn(input, s=None, dim=None, norm=None):
    dims, sizes = _several(input, s, dim)
    for d, n in zip(dims, sizes):
        input = _sized(input, d, n)
    return torch._fft_c2c(_complex(input), dims, _backward[norm], False)


def rfftn(input, s=None, dim=None, norm=None):
    dims, sizes = _several(input, s, dim)
    for d, n in zip(dims, sizes):
        input = _sized(input, d, n)
    return torch._fft_r2c(_real(input), dims, _forward[norm], True)


def irfftn(input, s=None, dim=None, norm=None):
    dims, sizes = _several(input, s, dim)
    last = 2 * (input.shape[dims[-1]] - 1) if sizes[-1] is None else sizes[-1]
    sizes[-1] = last // 2 + 1
    input = _complex(input)
    for d, n in zip(dims, sizes):
        input = _sized(input, d, n)
    return torch._fft_c2r(input, dims, _backward[norm], last)


def fft(input, n=None, dim=-1, norm=None):
    if not input.is_complex():
        return torch._fft_r2c(_real(_sized(input, dim, n)), [dim], _forward[norm], False)
    return fftn(input, None if n is None else [n], [dim], norm)


def ifft(input, n=None, dim=-1, norm=None):
    if not input.is_complex():
        return torch._fft_r2c(_real(_sized(input, dim, n)), [dim], _backward[norm], False).conj()
    return ifftn(input, None if n is None else [n], [dim], norm)


def rfft(input, n=None, dim=-1, norm=None):
    return rfftn(input, None if n is None else [n], [dim], norm)


def irfft(input, n=None, dim=-1, norm=None):
    return irfftn(input, None if n is None else [n], [dim], norm)


def hfft(input, n=None, dim=-1, norm=None):
    return irfft(input.conj(), n, dim, norm)


def ihfft(input, n=None, dim=-1, norm=None):
    return rfft(input, n, dim, norm).conj()


def fft2(input, s=None, dim=(-2, -1), norm=None):
    return fftn(input, s, dim, norm)


def ifft2(input, s=None, dim=(-2, -1), norm=None):
    return ifftn(input, s, dim, norm)


def rfft2(input, s=None, dim=(-2, -1), norm=None):
    return rfftn(input, s, dim, norm)


def irfft2(input, s=None, dim=(-2, -1), norm=None):
    return irfftn(input, s, dim, norm)


def fftshift(input, dim=None):
    dims = list(range(input.dim())) if dim is None else [dim] if isinstance(dim, int) else list(dim)
    return torch.roll(input, [input.shape[d] // 2 for d in dims], dims)


def ifftshift(input, dim=None):
    dims = list(range(input.dim())) if dim is None else [dim] if isinstance(dim, int) else list(dim)
    return torch.roll(input, [(input.shape[d] + 1) // 2 for d in dims], dims)
