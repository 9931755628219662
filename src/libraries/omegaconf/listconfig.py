"""ListConfig."""
from omegaconf._nodes import ListConfig
