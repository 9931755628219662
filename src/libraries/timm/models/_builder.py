"""Building under its newer name."""
from .helpers import *  # noqa: F403
