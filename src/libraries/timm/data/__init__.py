"""Constants of the data."""
from .constants import *  # noqa: F403
