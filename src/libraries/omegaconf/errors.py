"""Exceptions of omegaconf."""
from ._nodes import ConfigAttributeError, ConfigKeyError, MissingMandatoryValue
