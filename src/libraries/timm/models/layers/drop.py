"""The layers under their older name."""
from timm.layers import *  # noqa: F403
from timm.layers import _assert
