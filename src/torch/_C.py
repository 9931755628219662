"""What code imports of PyTorch's C++ side."""
import torch
from torch import Generator, Size, device, dtype


class ScriptModule:
    pass


class ScriptObject:
    pass


class Graph:
    pass


class Value:
    pass


TensorBase = torch.Tensor


def _get_tracing_state():
    return None


def _has_mkldnn():
    return True


def _log_api_usage_once(*args):
    return None


_jit_set_profiling_mode = _jit_set_profiling_executor = _jit_override_can_fuse_on_gpu = _log_api_usage_once
_jit_set_texpr_fuser_enabled = _set_deterministic_algorithms = _log_api_usage_once


def _is_torch_function_enabled():
    return False


class DisableTorchFunctionSubclass:
    def __enter__(self):
        return self

    def __exit__(self, *args):
        return False


DisableTorchFunction = DisableTorchFunctionSubclass
