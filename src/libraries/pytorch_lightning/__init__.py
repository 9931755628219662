"""Lightning: a LightningModule is a Module; trainers, data and loggers do nothing here."""
from . import callbacks, loggers, utilities
from .callbacks import Callback
from .core import LightningDataModule, LightningModule
from .trainer import Trainer

__version__ = "2.5.0"


def seed_everything(seed=None, workers=False, verbose=True):
    return seed
