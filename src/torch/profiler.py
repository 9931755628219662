"""Profiling does nothing here."""
from torch.autograd.profiler import profile, record_function


class ProfilerActivity:
    CPU = 0
    CUDA = 1


def schedule(*args, **kwargs):
    return None


def tensorboard_trace_handler(*args, **kwargs):
    return None
