"""Lightning's loggers."""
from _libraries.lightning.loggers import *  # noqa: F403
