"""DictConfig."""
from omegaconf._nodes import DictConfig
