"""Activation checkpointing around a module."""
import torch.utils.checkpoint


def checkpoint_wrapper(module, offload_to_cpu=False, **kwargs):
    forward = module.forward
    module.forward = lambda *args, **kw: torch.utils.checkpoint.checkpoint(forward, *args, use_reentrant=False, **kw)
    return module
