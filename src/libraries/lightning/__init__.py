"""Lightning under its newer name."""
from . import pytorch
from .pytorch import Callback, LightningDataModule, LightningModule, Trainer, seed_everything
from .pytorch.core import Fabric

__version__ = "2.5.0"
