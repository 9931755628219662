"""Functions of numpy that are made of others, found by numpy's own `__getattr__`."""
import numpy as np
from _assay import unknown as _unknown


def diag(v, k=0):
    v = np.asarray(v)
    if v.ndim == 1:
        n = v.shape[0] + abs(k)
        return np.eye(n, dtype=v.dtype) * v if k == 0 else np.empty((n, n), dtype=v.dtype)
    rows, columns = v.shape[0] + min(k, 0), v.shape[1] - max(k, 0)
    n = max(0, min(rows, columns))
    return v.ravel()[[(i - min(k, 0)) * v.shape[1] + i + max(k, 0) for i in range(n)]]


def outer(a, b):
    return np.ravel(a).reshape(-1, 1) * np.ravel(b).reshape(1, -1)


def flip(m, axis=None):
    m = np.asarray(m)
    axes = range(m.ndim) if axis is None else (axis,) if isinstance(axis, int) else axis
    at = [slice(None)] * m.ndim
    for one in axes:
        at[one] = slice(None, None, -1)
    return m[tuple(at)]


def fliplr(m):
    return flip(m, 1)


def flipud(m):
    return flip(m, 0)


def split(ary, indices_or_sections, axis=0):
    ary = np.asarray(ary)
    size = ary.shape[axis]
    if isinstance(indices_or_sections, int):
        if size % indices_or_sections:
            raise ValueError("array split does not result in an equal division")
        step = size // indices_or_sections
        edges = list(range(0, size + 1, step))
    else:
        edges = [0, *[int(one) for one in indices_or_sections], size]
    before = [slice(None)] * (axis % ary.ndim)
    return [ary[tuple([*before, slice(a, b)])] for a, b in zip(edges[:-1], edges[1:])]


def moveaxis(a, source, destination):
    a = np.asarray(a)
    sources = [source] if isinstance(source, int) else list(source)
    targets = [destination] if isinstance(destination, int) else list(destination)
    sources = [one % a.ndim for one in sources]
    order = [i for i in range(a.ndim) if i not in sources]
    for target, one in sorted(zip([t % a.ndim for t in targets], sources)):
        order.insert(target, one)
    return a.transpose(tuple(order))


def rollaxis(a, axis, start=0):
    return moveaxis(a, axis, start if start <= axis else start - 1)


def atleast_1d(a):
    a = np.asarray(a)
    return a.reshape(1) if a.ndim == 0 else a


def atleast_2d(a):
    a = np.asarray(a)
    return a.reshape(1, -1) if a.ndim < 2 else a


def dstack(arrays):
    return np.concatenate([a.reshape(*a.shape, 1) if a.ndim == 2 else a for a in map(np.asarray, arrays)], axis=2)


def column_stack(arrays):
    return np.concatenate([a.reshape(-1, 1) if a.ndim < 2 else a for a in map(np.asarray, arrays)], axis=1)


def append(arr, values, axis=None):
    if axis is None:
        return np.concatenate([np.ravel(arr), np.ravel(values)])
    return np.concatenate([arr, values], axis=axis)


def geomspace(start, stop, num=50):
    return np.exp(np.linspace(np.log(start), np.log(stop), num))


def interp(x, xp, fp):
    return np.empty(np.asarray(x).shape)


def roll(a, shift, axis=None):
    return np.empty(np.asarray(a).shape, dtype=np.asarray(a).dtype)


def pad(array, pad_width, mode="constant", **kwargs):
    array = np.asarray(array)
    if isinstance(pad_width, int):
        pad_width = [(pad_width, pad_width)] * array.ndim
    widths = [(one, one) if isinstance(one, int) else one for one in pad_width]
    if len(widths) == 1:
        widths = widths * array.ndim
    return np.empty(tuple(size + a + b for size, (a, b) in zip(array.shape, widths)), dtype=array.dtype)


def cross(a, b, axis=-1):
    return np.empty((np.asarray(a) * np.asarray(b)).shape)


def trace(a):
    return diag(a).sum()


def gcd(a, b):
    import math

    return math.gcd(int(a), int(b))


def lcm(a, b):
    import math

    return math.lcm(int(a), int(b))


def lexsort(keys, axis=-1):
    return np.empty(np.asarray(keys[-1]).shape, dtype=np.int64)


def take(a, indices, axis=None):
    return np.ravel(a)[indices] if axis is None else np.asarray(a)[(slice(None),) * axis + (indices,)]


def fromiter(iterable, dtype=None, count=-1):
    return np.array(list(iterable), dtype=dtype)


def vectorize(pyfunc, **kwargs):
    def run(*args):
        return np.array([pyfunc(*each) for each in zip(*(np.ravel(a).tolist() for a in args))])

    return run


def isclose(a, b, rtol=1e-05, atol=1e-08):
    return np.abs(np.asarray(a) - np.asarray(b)) <= atol + rtol * np.abs(np.asarray(b))


def allclose(a, b, rtol=1e-05, atol=1e-08):
    return bool(np.all(isclose(a, b, rtol, atol)))


def sinc(x):
    x = np.asarray(x) * np.pi
    return np.where(x == 0, 1.0, np.sin(x) / np.where(x == 0, 1.0, x))


def _window(at):
    def window(M):
        return np.array([at(i / (M - 1)) if M > 1 else 1.0 for i in range(M)])

    return window


def _cosine(x):
    import math

    return math.cos(2 * math.pi * x)


hanning = _window(lambda x: 0.5 - 0.5 * _cosine(x))
hamming = _window(lambda x: 0.54 - 0.46 * _cosine(x))
