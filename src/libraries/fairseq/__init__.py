"""fairseq: registries and base classes."""
from . import utils
