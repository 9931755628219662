"""The registry under its newer name."""
from .registry import *  # noqa: F403
