"""Caches switched on and off."""
from contextlib import contextmanager


def reparametrize_as_dtype_state_dict_post_hook(model, state_dict, *args, **kwargs):
    pass


def _register_reparametrize_state_dict_hooks(module, *args, **kwargs):
    pass


@contextmanager
def disable_kv_cache(model):
    caching = [module for module in model.modules() if getattr(module, "kv_cache", None) is not None]
    for module in caching:
        module.cache_enabled = False
    try:
        yield
    finally:
        for module in caching:
            module.cache_enabled = True


@contextmanager
def local_kv_cache(model, *, batch_size, device, dtype, encoder_max_seq_len=None, decoder_max_seq_len=None):
    model.setup_caches(batch_size, dtype, encoder_max_seq_len=encoder_max_seq_len, decoder_max_seq_len=decoder_max_seq_len)
    try:
        yield
    finally:
        delete_kv_caches(model)


def delete_kv_caches(model):
    for module in model.modules():
        if getattr(module, "kv_cache", None) is not None:
            module.cache_enabled = False
            module.kv_cache = None
