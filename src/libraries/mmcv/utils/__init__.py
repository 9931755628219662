"""Registries, configurations and small things. They are mmengine's, kept here so that mmcv stands alone."""
from ._registry import Registry, build_from_cfg
from ._config import Config, ConfigDict
from ._small import deprecated_api_warning, is_list_of, is_seq_of, is_tuple_of, to_2tuple, to_3tuple, to_ntuple


def get_logger(name, *args, **kwargs):
    import logging

    return logging.getLogger(name)


def print_log(*args, **kwargs):
    pass
