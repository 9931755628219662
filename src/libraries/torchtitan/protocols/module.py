"""A module that its own config builds."""
from dataclasses import dataclass
from typing import Any

from torch import nn
from torchtitan.config import Configurable


class Module(nn.Module, Configurable):
    @dataclass(kw_only=True)
    class Config(Configurable.Config):
        param_init: Any = None
        sharding_config: Any = None

    def init_states(self, *, buffer_device=None):
        pass

    def parallelize(self, parallel_dims):
        pass
