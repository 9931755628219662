"""Model parallelism over one device."""
from . import initialize, layers, mappings
from .initialize import *  # noqa: F403
