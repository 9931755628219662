"""Global settings, of which only the default dtype matters here."""
import torch
from torch._modes import forget_casts, get_autocast, get_default_dtype, is_grad_enabled, set_autocast, set_default_dtype

_precision = ["highest"]


def _nothing(*args, **kwargs):
    return None


set_printoptions = set_num_threads = set_num_interop_threads = use_deterministic_algorithms = _nothing
set_flush_denormal = set_warn_always = set_default_device = _assert_async = _nothing
set_autocast_cache_enabled = autocast_increment_nesting = autocast_decrement_nesting = _nothing
set_deterministic_debug_mode = set_anomaly_enabled = _nothing
has_cuda = has_cudnn = has_mkl = has_lapack = True
has_mps = False
_reduced = [torch.float16]


def set_autocast_dtype(device_type, dtype):
    _reduced[0] = dtype


def set_autocast_gpu_dtype(dtype):
    _reduced[0] = dtype


def set_autocast_enabled(*args):
    set_autocast(_reduced[0] if args[-1] else None)


def get_deterministic_debug_mode():
    return 0


def _assert(condition, message):
    assert condition, message


def _no(*args, **kwargs):
    return False


are_deterministic_algorithms_enabled = is_deterministic_algorithms_warn_only_enabled = is_warn_always_enabled = _no
is_anomaly_enabled = is_vulkan_available = is_autocast_cpu_enabled = is_inference_mode_enabled = _no


def compiled_with_cxx11_abi():
    return True


def is_autocast_cache_enabled():
    return True


def get_num_threads():
    return 8


get_num_interop_threads = get_num_threads


def set_float32_matmul_precision(precision):
    _precision[0] = precision


def get_float32_matmul_precision():
    return _precision[0]


def set_default_tensor_type(t):
    name = t if isinstance(t, str) else t.__name__
    for word, dtype in (("Double", torch.float64), ("BFloat16", torch.bfloat16), ("Half", torch.float16)):
        if word in name:
            set_default_dtype(dtype)
            return
    set_default_dtype(torch.float32)


def get_default_device():
    return torch.device("cuda")


def is_autocast_enabled(device_type="cuda"):
    return get_autocast() is not None


def get_autocast_dtype(device_type="cuda"):
    dtype = get_autocast()
    return torch.float16 if dtype is None else dtype


get_autocast_gpu_dtype = get_autocast_dtype


def get_autocast_cpu_dtype():
    return torch.bfloat16


def clear_autocast_cache():
    forget_casts()
