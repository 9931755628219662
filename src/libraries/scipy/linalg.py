"""`scipy.linalg`: the shapes of decompositions."""
import numpy as np
from numpy.linalg import LinAlgError, cholesky, det, eig, eigh, eigvals, eigvalsh, inv, lstsq, norm, pinv, solve, svd


def qr(a, overwrite_a=False, lwork=None, mode="full", pivoting=False, check_finite=True):
    a = np.asarray(a)
    m, n = a.shape
    k = m if mode == "full" else min(m, n)
    q, r = np.empty((m, k), dtype=a.dtype), np.empty((k, n), dtype=a.dtype)
    if mode == "r":
        return (r, np.empty((n,), dtype=np.int64)) if pivoting else (r,)
    return (q, r, np.empty((n,), dtype=np.int64)) if pivoting else (q, r)


def lu(a, permute_l=False, overwrite_a=False, check_finite=True):
    a = np.asarray(a)
    *batch, m, n = a.shape
    k = min(m, n)
    lower, upper = np.empty((*batch, m, k), dtype=a.dtype), np.empty((*batch, k, n), dtype=a.dtype)
    if permute_l:
        return lower, upper
    return np.empty((*batch, m, m), dtype=a.dtype), lower, upper


def expm(a):
    return inv(a)


sqrtm = logm = expm


def orth(a):
    return np.empty(np.asarray(a).shape)


def block_diag(*arrays):
    arrays = [np.asarray(a) for a in arrays]
    return np.empty((sum(a.shape[0] for a in arrays), sum(a.shape[1] for a in arrays)), dtype=arrays[0].dtype)


def toeplitz(c, r=None):
    rows = len(c)
    return np.empty((rows, rows if r is None else len(r)), dtype=np.asarray(c).dtype)


def hadamard(n, dtype=int):
    rows = np.ones((1, 1))
    while rows.shape[0] < n:
        rows = np.concatenate([np.concatenate([rows, rows], 1), np.concatenate([rows, -rows], 1)], 0)
    return rows.astype(dtype)


def dft(n, scale=None):
    return np.empty((n, n), dtype="complex128")


