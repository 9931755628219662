"""mamba_ssm: selective state spaces, their scans by what goes in and out."""
from _assay import version as _version

__version__ = _version("mamba_ssm") or "2.2.4"

from .models.mixer_seq_simple import MambaLMHeadModel
from .modules.mamba2 import Mamba2
from .modules.mamba_simple import Mamba
from .ops.selective_scan_interface import mamba_inner_fn, selective_scan_fn
