"""Lightning: a LightningModule is a Module; trainers, data and loggers do nothing here."""
from _libraries.lightning.callbacks import Callback
from _libraries.lightning.core import LightningDataModule, LightningModule
from _libraries.lightning.trainer import Trainer

from . import callbacks, loggers, utilities

__version__ = "2.5.0"


def seed_everything(seed=None, workers=False, verbose=True):
    return seed
