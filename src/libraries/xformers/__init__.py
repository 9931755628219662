"""xformers: attention and fused layers."""
from _assay import version as _version

__version__ = _version("xformers") or "0.0.32"
_is_functorch_available = False
