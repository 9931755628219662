"""Settings of CUDA's libraries, and which attention kernels may run."""
from torch._native import allow_kernels, allowed_kernels


class _Settings:
    allow_tf32 = False
    allow_fp16_reduced_precision_reduction = True
    allow_bf16_reduced_precision_reduction = True
    max_size = 4096


matmul = _Settings()
cufft_plan_cache = _Settings()


every = ["flash", "efficient", "math", "cudnn"]


def allowed_now():
    now = allowed_kernels()
    return list(every) if now is None else now.replace(">", ",").split(",")


def switch_of(name):
    def switch(enabled):
        kept = [one for one in every if (enabled if one == name else one in allowed_now())]
        allow_kernels(None if kept == every else ",".join(kept) if kept else "none")

    return switch


def asking(name):
    return lambda: name in allowed_now()


enable_flash_sdp, enable_mem_efficient_sdp, enable_math_sdp, enable_cudnn_sdp = [switch_of(name) for name in every]
flash_sdp_enabled, mem_efficient_sdp_enabled, math_sdp_enabled, cudnn_sdp_enabled = [asking(name) for name in every]


class sdp_kernel:
    """The older context: only the kernels that are enabled may run inside."""

    def __init__(self, enable_flash=True, enable_math=True, enable_mem_efficient=True, enable_cudnn=True):
        self.wanted = [
            name for name, on in zip(every, (enable_flash, enable_mem_efficient, enable_math, enable_cudnn)) if on
        ]

    def __enter__(self):
        self.before = allowed_kernels()
        allow_kernels(",".join(self.wanted) if self.wanted else "none")
        return self

    def __exit__(self, *args):
        allow_kernels(self.before)
        return False


class SDPBackend:
    MATH = 0
    FLASH_ATTENTION = 1
    EFFICIENT_ATTENTION = 2
    CUDNN_ATTENTION = 3


class SDPAParams:
    def __init__(self, *args, **kwargs):
        pass


def is_built():
    return True


def enabled(*args, **kwargs):
    return True


can_use_flash_attention = can_use_efficient_attention = is_flash_attention_available = enabled


def switch(*args, **kwargs):
    return None


preferred_linalg_library = preferred_blas_library = enable_fp16_bf16_reduction_math_sdp = switch
