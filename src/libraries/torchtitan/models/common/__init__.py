"""Layers that their own configs build."""
from .embedding import Embedding
from .feed_forward import FeedForward, SigmoidGatedFeedForward, compute_ffn_hidden_dim
from .linear import Linear
from .nn_modules import GELU, Conv1d, Conv2d, GroupNorm, Identity, LayerNorm, RMSNorm, SiLU
