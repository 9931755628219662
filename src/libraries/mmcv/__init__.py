"""mmcv: convolutions with norm and activation, and layers built by name."""
from .utils import Config, ConfigDict, Registry, build_from_cfg, is_list_of, is_tuple_of

__version__ = "1.7.2"
