"""TorchScript: code runs as it stands."""
from typing import Final

import torch


def script(obj=None, *args, **kwargs):
    return (lambda found: found) if obj is None else obj


def script_method(fn):
    return fn


def trace(func, example_inputs=None, *args, **kwargs):
    return func


def trace_module(mod, inputs, *args, **kwargs):
    return mod


def ignore(drop=False, **kwargs):
    return drop if callable(drop) else lambda fn: fn


def unused(fn):
    return fn


def export(fn):
    return fn


def interface(obj):
    return obj


def script_if_tracing(fn):
    return fn


def _overload_method(fn):
    return fn


_overload = _drop = _overload_method


def is_scripting():
    return False


def is_tracing():
    return False


def annotate(the_type, the_value):
    return the_value



def Attribute(value, type=None):
    return value


def fork(func, *args, **kwargs):
    return func(*args, **kwargs)


def wait(future):
    return future


def freeze(mod, *args, **kwargs):
    return mod


def optimize_for_inference(mod, *args, **kwargs):
    return mod


def load(*args, **kwargs):
    return torch._unknown("a saved TorchScript model is not read")


def save(*args, **kwargs):
    return None


class ScriptModule(torch.nn.Module):
    pass


class RecursiveScriptModule(ScriptModule):
    pass


class ScriptFunction:
    pass


class _Fuser:
    def __init__(self, *args):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *args):
        return False


fuser = optimized_execution = strict_fusion = _Fuser
