"""SciPy: the few functions that models call while they are built."""
from _assay import version as _version

__version__ = _version("scipy") or "1.14.0"

from . import linalg, signal, special
