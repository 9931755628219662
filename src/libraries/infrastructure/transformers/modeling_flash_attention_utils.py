"""FlashAttention, where its package is installed: chosen only by name."""
from typing import TypedDict

from _assay import installed as _installed, original as _original

FLASH_ATTENTION_COMPATIBILITY_MATRIX = {}
FLASH_ATTN_KERNEL_FALLBACK = {}


class FlashAttentionKwargs(TypedDict, total=False):
    pass


def flash_attn_supports_top_left_mask():
    return False


def is_flash_attn_available():
    return _installed("flash_attn")


def __getattr__(name):
    return getattr(_original(__name__), name)
