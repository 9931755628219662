"""Configurations whose keys are attributes."""
from _libraries.mm.config import Config, ConfigDict
