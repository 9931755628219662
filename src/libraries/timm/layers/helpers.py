"""The functions under another name."""
from .functions import *  # noqa: F403
from .functions import _assert, _ntuple
