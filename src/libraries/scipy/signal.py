"""`scipy.signal`: windows and filters by their lengths."""
import numpy as np


def get_window(window, Nx, fftbins=True):
    return np.empty((Nx,))


def firwin(numtaps, *args, **kwargs):
    return np.empty((numtaps,))


def kaiser_beta(a):
    if a > 50:
        return 0.1102 * (a - 8.7)
    return 0.5842 * (a - 21) ** 0.4 + 0.07886 * (a - 21) if a > 21 else 0.0


