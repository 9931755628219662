"""Wrappers that spread a module over devices. One device is analysed, so they pass everything on."""

from .data_parallel import DataParallel, data_parallel
from .distributed import DistributedDataParallel
from .parallel_apply import parallel_apply
from .replicate import replicate
from .scatter_gather import gather, scatter, scatter_kwargs

DistributedDataParallelCPU = DistributedDataParallel
