"""Placing layers on devices, which changes no figure of a layer."""
from contextlib import contextmanager

from _assay import unknown as _unknown


def force_accelerate_hooks(child_module_names):
    return lambda forward: forward


def check_and_set_device_map(device_map):
    return device_map


def expand_device_map(device_map, param_names):
    return device_map


@contextmanager
def skip_device_map_check():
    yield


@contextmanager
def init_empty_weights(include_buffers=False):
    yield


def __getattr__(name):
    return _unknown(f"{name} of accelerate")
