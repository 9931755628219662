"""Names for annotations."""
from typing import Any

STEP_OUTPUT = EPOCH_OUTPUT = OptimizerLRScheduler = TRAIN_DATALOADERS = EVAL_DATALOADERS = Any
