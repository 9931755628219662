"""einops: rearrangements written as patterns, made of the same reshapes, permutations and reductions as the library's own."""
from _assay import version as _version

from ._pattern import EinopsError
from .einops import asnumpy, einsum, parse_shape, rearrange, reduce, repeat
from .packing import pack, unpack

__version__ = _version("einops") or "0.8.1"
__all__ = ["EinopsError", "asnumpy", "einsum", "pack", "parse_shape", "rearrange", "reduce", "repeat", "unpack"]
