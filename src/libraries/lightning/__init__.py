"""Lightning under its newer name."""
from _libraries.lightning.core import Fabric

from . import pytorch
from .pytorch import Callback, LightningDataModule, LightningModule, Trainer, seed_everything

__version__ = "2.5.0"
