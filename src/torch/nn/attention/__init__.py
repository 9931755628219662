"""Which kernels may serve `scaled_dot_product_attention`."""

from contextlib import contextmanager
from enum import IntEnum


class SDPBackend(IntEnum):
    ERROR = -1
    MATH = 0
    FLASH_ATTENTION = 1
    EFFICIENT_ATTENTION = 2
    CUDNN_ATTENTION = 3
    OVERRIDEABLE = 4


WARN_FOR_UNFUSED_KERNELS = False

allowed = [
    SDPBackend.FLASH_ATTENTION, SDPBackend.EFFICIENT_ATTENTION, SDPBackend.MATH, SDPBackend.CUDNN_ATTENTION,
]


@contextmanager
def sdpa_kernel(backends, set_priority=False):
    """Restricts the kernels inside the block; shapes and FLOPs do not depend on it."""
    global allowed
    if not isinstance(backends, (list, SDPBackend)):
        raise AssertionError("backends must be an instance of SDPBackend or a list of SDPBackend instances")
    before = allowed
    allowed = [backends] if isinstance(backends, SDPBackend) else list(backends)
    try:
        yield {}
    finally:
        allowed = before


def _cur_sdpa_kernel_backends(with_priority=False):
    return list(allowed)
