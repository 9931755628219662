"""What runs on one process only runs here."""
from _libraries.lightning.utilities import *  # noqa: F403
