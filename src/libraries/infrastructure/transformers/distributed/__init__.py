"""Work spread over devices: one device holds everything here."""
from .configuration_utils import DistributedConfig
