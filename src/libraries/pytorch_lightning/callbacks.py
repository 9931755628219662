"""Lightning's callbacks."""
from _libraries.lightning.callbacks import *  # noqa: F403
