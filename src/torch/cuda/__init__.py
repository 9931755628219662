"""The one GPU that models are taken to run on."""
from collections import namedtuple

import torch
from torch import _streams
from torch._native import is_capturing as is_current_stream_capturing
from torch.cuda import amp

Stream = _streams.Stream
Event = _streams.Event
default_generators = ()
has_half = True
_Properties = namedtuple("_Properties", "name major minor total_memory multi_processor_count")


class OutOfMemoryError(RuntimeError):
    pass


class device:
    def __init__(self, device=None):
        self.idx = device

    def __enter__(self):
        return self

    def __exit__(self, *args):
        return False


class device_of(device):
    pass


class stream(device):
    pass


class CUDAGraph:
    pass


def is_available():
    return True


def is_initialized():
    return True


def is_bf16_supported(including_emulation=True):
    return True


def device_count():
    return 1


def current_device():
    return 0


def get_device_name(device=None):
    return "NVIDIA H200"


def get_device_capability(device=None):
    return (9, 0)


def get_device_properties(device=None):
    return _Properties("NVIDIA H200", 9, 0, 150754820096, 132)


def get_arch_list():
    return ["sm_80", "sm_90"]


def can_device_access_peer(device, peer_device):
    return False


def current_stream(device=None):
    return Stream()


def default_stream(device=None):
    return Stream()


def _nothing(*args, **kwargs):
    return None


set_device = synchronize = empty_cache = init = manual_seed = manual_seed_all = seed = seed_all = ipc_collect = _nothing
reset_peak_memory_stats = reset_max_memory_allocated = reset_max_memory_cached = set_stream = _nothing
set_per_process_memory_fraction = set_rng_state = set_rng_state_all = _lazy_init = _nothing


def _measured(*args, **kwargs):
    return torch._unknown("memory in use is measured at run time")


memory_allocated = max_memory_allocated = memory_reserved = max_memory_reserved = memory_cached = _measured
max_memory_cached = mem_get_info = memory_stats = memory_summary = memory_snapshot = utilization = _measured


def get_rng_state(device=None):
    return torch.empty(16, dtype=torch.uint8)


def get_rng_state_all():
    return [get_rng_state()]


class nvtx:
    range_push = staticmethod(_nothing)
    range_pop = staticmethod(_nothing)
    mark = staticmethod(_nothing)


def __getattr__(name):
    if name.endswith("Tensor"):
        return getattr(torch, name)
    raise AttributeError(f"module 'torch.cuda' has no attribute '{name}'")
