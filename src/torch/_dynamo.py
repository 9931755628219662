"""Marks for torch.compile, by their older names."""
from torch.compiler import _marked, is_compiling, reset


class _Config:
    suppress_errors = False
    cache_size_limit = 8
    recompile_limit = 8


config = _Config()
disable = allow_in_graph = disallow_in_graph = graph_break = optimize = run = forbid_in_graph = _marked


def mark_dynamic(*args, **kwargs):
    return None


mark_static_address = mark_static = maybe_mark_dynamic = mark_dynamic


class external_utils:
    is_compiling = staticmethod(is_compiling)
