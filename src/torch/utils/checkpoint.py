"""Checkpointing: a region keeps its inputs alone, and runs again in the backward pass."""
import torch
from torch._modes import attach_region, events_so_far, is_grad_enabled, set_grad_enabled as _set


def checkpoint(function, *args, use_reentrant=None, context_fn=None, determinism_check="default", debug=False, early_stop=True, preserve_rng_state=True, **kwargs):
    if not is_grad_enabled():
        return function(*args, **kwargs)

    def run():
        return function(*args, **kwargs)

    start = events_so_far()
    before = _set(False)
    try:
        outputs = run()
    finally:
        _set(before)
    if isinstance(outputs, torch.Tensor) and any(outputs is x for x in args):
        return outputs
    # What functools.partial holds lives as long as the region may run again.
    held = (getattr(function, "args", None), getattr(function, "keywords", None))
    attach_region(outputs, (args, kwargs), held, run, use_reentrant is True, start)
    return outputs


def checkpoint_sequential(functions, segments, input, use_reentrant=None, **kwargs):
    layers = list(functions.children()) if isinstance(functions, torch.nn.Sequential) else list(functions)
    size = len(layers) // segments

    def run(start, end):
        def forward(x):
            for layer in layers[start : end + 1]:
                x = layer(x)
            return x

        return forward

    end = -1
    for start in range(0, size * (segments - 1), size):
        end = start + size - 1
        input = checkpoint(run(start, end), input, use_reentrant=use_reentrant)
    return run(end + 1, len(layers) - 1)(input)


class CheckpointPolicy:
    MUST_SAVE = 0
    PREFER_SAVE = 1
    MUST_RECOMPUTE = 2
    PREFER_RECOMPUTE = 3


def create_selective_checkpoint_contexts(policy, allow_cache_entry_mutation=False):
    return None


def noop_context_fn():
    return None


def detach_variable(inputs):
    return tuple(x.detach() if isinstance(x, torch.Tensor) else x for x in inputs)


def get_device_states(*args):
    return [], []


def set_device_states(devices, states):
    return None


def check_backward_validity(inputs):
    return None


class CheckpointFunction(torch.autograd.Function):
    @staticmethod
    def apply(run_function, preserve_rng_state, *args):
        return checkpoint(run_function, *args, use_reentrant=True)
