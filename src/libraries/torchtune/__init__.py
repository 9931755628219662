"""torchtune: the building blocks of its models, the builders of the best known, adapters and chunked losses."""
from _assay import version as _version

__version__ = _version("torchtune") or "0.6.1"

from . import modules
