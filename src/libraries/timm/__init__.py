"""timm, where its source is not at hand: the layers that other repositories build with."""
from _assay import version as _version

from . import data, layers, models

__version__ = _version("timm") or "1.0.0"
