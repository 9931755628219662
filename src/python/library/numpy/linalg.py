"""`numpy.linalg`: the shapes of decompositions, whose numbers are not followed."""
import numpy as np


class LinAlgError(ValueError):
    pass


def _like(a):
    a = np.asarray(a)
    return a, (a.dtype if a.dtype.kind == "f" else np.float64)


def norm(x, ord=None, axis=None, keepdims=False):
    x = np.asarray(x)
    if ord in (None, 2, "fro"):
        return np.sqrt(np.sum(x * x, axis=axis, keepdims=keepdims))
    return np.sum(np.abs(x), axis=axis, keepdims=keepdims) * np.empty(())


def qr(a, mode="reduced"):
    a, dtype = _like(a)
    *batch, m, n = a.shape
    k = m if mode == "complete" else min(m, n)
    if mode == "r":
        return np.empty((*batch, k, n), dtype=dtype)
    return np.empty((*batch, m, k), dtype=dtype), np.empty((*batch, k, n), dtype=dtype)


def svd(a, full_matrices=True, compute_uv=True):
    a, dtype = _like(a)
    *batch, m, n = a.shape
    k = min(m, n)
    s = np.empty((*batch, k), dtype=dtype)
    if not compute_uv:
        return s
    rows, columns = (m, n) if full_matrices else (k, k)
    return np.empty((*batch, m, rows), dtype=dtype), s, np.empty((*batch, columns, n), dtype=dtype)


def inv(a):
    a, dtype = _like(a)
    return np.empty(a.shape, dtype=dtype)


def pinv(a, *args, **kwargs):
    a, dtype = _like(a)
    return np.empty((*a.shape[:-2], a.shape[-1], a.shape[-2]), dtype=dtype)


cholesky = inv


def matrix_power(a, n):
    return np.asarray(a) if n == 1 else inv(a)


def eigh(a, *args):
    a, dtype = _like(a)
    return np.empty(a.shape[:-1], dtype=dtype), np.empty(a.shape, dtype=dtype)


eig = eigh


def eigvals(a):
    return eigh(a)[0]


eigvalsh = eigvals


def solve(a, b):
    return np.empty(np.asarray(b).shape, dtype=_like(b)[1])


def lstsq(a, b, rcond=None):
    a, dtype = _like(a)
    k = min(a.shape)
    return np.empty((a.shape[1], *np.asarray(b).shape[1:]), dtype=dtype), np.empty((0,)), k, np.empty((k,), dtype=dtype)


def det(a):
    a, dtype = _like(a)
    return np.empty(a.shape[:-2], dtype=dtype)


def slogdet(a):
    return det(a), det(a)
