"""Sharded training: not in use."""


def is_fsdp_enabled():
    return False


def is_fsdp_managed_module(module):
    return False


def get_fsdp_ckpt_kwargs():
    return {}


def update_fsdp_plugin_peft(model, accelerator):
    pass
