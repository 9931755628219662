"""Sharded training: not in use."""
from ..integrations.fsdp import get_fsdp_ckpt_kwargs, is_fsdp_enabled, is_fsdp_managed_module, update_fsdp_plugin_peft
