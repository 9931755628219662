"""Kernels from the hub: none is fetched, and what the modeling files define themselves runs."""
import importlib
from contextlib import contextmanager

from _assay import installed as _installed, unknown as _unknown
from ..utils.import_utils import resolve_internal_import

ALLOW_ALL_KERNELS = False


def _same(*args, **kwargs):
    return lambda one: one


use_kernel_forward_from_hub = use_kernelized_func = use_kernel_func_from_hub = _same


def is_kernel(attn_implementation):
    return attn_implementation is not None and "/" in attn_implementation


def load_and_register_attn_kernel(attn_implementation, *args, **kwargs):
    return _unknown(f"the kernel {attn_implementation} of the hub") if is_kernel(attn_implementation) else None


def lazy_load_kernel(kernel_name, mapping=None):
    package = kernel_name.replace("-", "_")
    return importlib.import_module(package) if _installed(package) else None


def get_kernel(kernel_name, *args, **kwargs):
    raise ImportError(f"the kernel {kernel_name} needs the package kernels")


def use_kernel_func_from_hub_with_fallback(func_name, package, internal_path=None):
    """The package's own function where it is installed, otherwise the one decorated."""

    def decorate(func):
        if not _installed(package):
            return func
        module = importlib.import_module(package)
        return resolve_internal_import(module, func_name if internal_path is None else f"{internal_path}.{func_name}") or func

    return decorate


@contextmanager
def allow_all_hub_kernels():
    yield


def kernelize(model, mode=None):
    pass


def register_kernel_mapping(*args, **kwargs):
    pass


register_kernel_mapping_transformers = replace_kernel_forward_from_hub = register_kernel_mapping
register_kernel_replacements_and_fusions = register_kernel_mapping


class LayerRepository:
    def __init__(self, *args, **kwargs):
        pass


class LocalLayerRepository(LayerRepository):
    pass


class FuncRepository(LayerRepository):
    pass
