"""Fused operations of flash_attn."""
