"""torchtitan: what models of one's own are made on: their protocols, their config classes, its Llama 3."""
from _assay import version as _version

__version__ = _version("torchtitan") or "0.2.2"
