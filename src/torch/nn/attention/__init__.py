"""Which kernels may serve `scaled_dot_product_attention`."""

from contextlib import contextmanager
from enum import IntEnum

from torch._native import allow_kernels, allowed_kernels


class SDPBackend(IntEnum):
    ERROR = -1
    MATH = 0
    FLASH_ATTENTION = 1
    EFFICIENT_ATTENTION = 2
    CUDNN_ATTENTION = 3
    OVERRIDEABLE = 4


WARN_FOR_UNFUSED_KERNELS = False

names = {
    SDPBackend.FLASH_ATTENTION: "flash", SDPBackend.EFFICIENT_ATTENTION: "efficient",
    SDPBackend.MATH: "math", SDPBackend.CUDNN_ATTENTION: "cudnn",
}


@contextmanager
def sdpa_kernel(backends, set_priority=False):
    """Restricts the kernels inside the block, which are tried in their own order where `set_priority` says so."""
    if not isinstance(backends, (list, SDPBackend)):
        raise AssertionError("backends must be an instance of SDPBackend or a list of SDPBackend instances")
    wanted = [backends] if isinstance(backends, SDPBackend) else list(backends)
    before = allowed_kernels()
    known = [names[one] for one in wanted if one in names]
    allow_kernels((">" if set_priority else ",").join(known) if known else "none")
    try:
        yield {}
    finally:
        allow_kernels(before)


def _cur_sdpa_kernel_backends(with_priority=False):
    now = allowed_kernels()
    return [one for one, name in names.items() if now is None or name in now.replace(">", ",").split(",")]
