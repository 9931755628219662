"""Wrappers for several devices."""
from torch import nn

SyncBatchNorm = nn.SyncBatchNorm


def DistributedDataParallel(module, *args, **kwargs):
    return module


def convert_syncbn_model(module, *args, **kwargs):
    return nn.SyncBatchNorm.convert_sync_batchnorm(module)
