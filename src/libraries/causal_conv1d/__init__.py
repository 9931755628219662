"""causal_conv1d: a depthwise convolution over the positions before."""
from _assay import version as _version

from .causal_conv1d_interface import causal_conv1d_fn, causal_conv1d_update

__version__ = _version("causal_conv1d") or "1.5.0"
