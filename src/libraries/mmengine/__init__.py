"""mmengine: registries, base modules and weight initialisation."""
from .config import Config, ConfigDict
from .registry import Registry, build_from_cfg
