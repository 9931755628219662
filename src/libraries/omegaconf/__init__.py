"""omegaconf: configurations as nested dictionaries and lists with attributes, interpolations resolved when they are read."""
from ._nodes import MISSING, DictConfig, ListConfig, MissingMandatoryValue
from ._omegaconf import II, OmegaConf, open_dict, read_write

__version__ = "2.3.0"
__all__ = ["DictConfig", "II", "ListConfig", "MISSING", "MissingMandatoryValue", "OmegaConf", "open_dict", "read_write"]


def flag_override(config, names, values):
    return open_dict(config)
