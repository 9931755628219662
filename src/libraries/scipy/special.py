"""`scipy.special`: functions element by element, and counts."""
import math

import numpy as np


def comb(N, k, exact=False, repetition=False):
    value = math.comb(int(N), int(k))
    return value if exact else float(value)


def factorial(n, exact=False):
    return math.factorial(n) if exact else float(math.factorial(n))


def binom(x, y):
    return comb(x, y)


def _each(run):
    def of(x, *args, **kwargs):
        x = np.asarray(x)
        if x.ndim == 0:
            return run(float(x))
        return np.array([run(one) for one in x.ravel().tolist()]).reshape(*x.shape)

    return of


erf = _each(math.erf)
erfc = _each(math.erfc)
gamma = _each(math.gamma)
gammaln = _each(math.lgamma)
expit = _each(lambda x: 1 / (1 + math.exp(-x)))
logit = _each(lambda x: math.log(x / (1 - x)))


def softmax(x, axis=None):
    e = np.exp(x)
    return e / np.sum(e, axis=axis, keepdims=True)


def logsumexp(a, axis=None, **kwargs):
    return np.log(np.sum(np.exp(a), axis=axis))


