"""The older name of `layer_norm`."""
from .layer_norm import RMSNorm, layer_norm_fn, rms_norm_fn
