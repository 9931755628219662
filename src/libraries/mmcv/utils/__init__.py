"""Registries, configurations and small things."""
from _libraries.mm.config import Config, ConfigDict
from _libraries.mm.registry import Registry, build_from_cfg
from _libraries.mm.small import deprecated_api_warning, is_list_of, is_seq_of, is_tuple_of, to_2tuple, to_3tuple, to_ntuple


def get_logger(name, *args, **kwargs):
    import logging

    return logging.getLogger(name)


def print_log(*args, **kwargs):
    pass
