"""Fused optimizers: the states of torch's."""
from torch import optim

FusedAdam = optim.AdamW
FusedSGD = optim.SGD
FusedLAMB = optim.Adam
