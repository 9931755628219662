"""Megatron-LM: its parallel layers at a world size of one."""
