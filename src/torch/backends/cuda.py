"""Settings of CUDA's libraries; which attention kernel runs is chosen elsewhere."""


class _Settings:
    allow_tf32 = False
    allow_fp16_reduced_precision_reduction = True
    allow_bf16_reduced_precision_reduction = True
    max_size = 4096


matmul = _Settings()
cufft_plan_cache = _Settings()


class sdp_kernel:
    def __init__(self, enable_flash=True, enable_math=True, enable_mem_efficient=True, enable_cudnn=True):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *args):
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


flash_sdp_enabled = mem_efficient_sdp_enabled = math_sdp_enabled = cudnn_sdp_enabled = enabled
can_use_flash_attention = can_use_efficient_attention = is_flash_attention_available = enabled


def switch(*args, **kwargs):
    return None


enable_flash_sdp = enable_mem_efficient_sdp = enable_math_sdp = enable_cudnn_sdp = preferred_linalg_library = switch
preferred_blas_library = enable_fp16_bf16_reduction_math_sdp = switch
