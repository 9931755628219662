"""Functions of `torch.functional`."""
import torch
import torch.nn.functional as F
from torch import broadcast_tensors, cartesian_prod, cdist, chain_matmul, einsum, meshgrid, norm, split, tensordot
from torch import atleast_1d, atleast_2d, atleast_3d, block_diag, broadcast_shapes, unique, unique_consecutive


def stft(
    input,
    n_fft,
    hop_length=None,
    win_length=None,
    window=None,
    center=True,
    pad_mode="reflect",
    normalized=False,
    onesided=None,
    return_complex=None,
    align_to_window=None,
):
    if center:
        rank, side = input.dim(), n_fft // 2
        input = F.pad(input.view([1] * (3 - rank) + list(input.shape)), [side, side], pad_mode)
        input = input.view(input.shape[-rank:])
    return torch._stft(input, n_fft, hop_length, win_length, window, normalized, onesided, return_complex)


def istft(
    input,
    n_fft,
    hop_length=None,
    win_length=None,
    window=None,
    center=True,
    normalized=False,
    onesided=None,
    length=None,
    return_complex=False,
):
    return torch._istft(
        input, n_fft, hop_length, win_length, window, center, normalized, onesided, length, return_complex
    )


def lu(A, pivot=True, get_infos=False, out=None):
    return torch.linalg.lu_factor(A)


def lu_unpack(LU_data, LU_pivots, unpack_data=True, unpack_pivots=True):
    return torch._unknown("lu_unpack is not followed")


lu_solve = lobpcg = lu_unpack


def svd_lowrank(A, q=6, niter=2, M=None):
    return A.new_empty(A.shape[-2], q), A.new_empty(q), A.new_empty(A.shape[-1], q)


def pca_lowrank(A, q=None, center=True, niter=2):
    q = min(6, A.shape[-2], A.shape[-1]) if q is None else q
    return svd_lowrank(A, q)


def unravel_index(indices, shape):
    result = []
    for size in reversed(shape):
        result.append(indices % size)
        indices = indices // size
    return tuple(reversed(result))
