"""Layers with a norm and an activation attached."""
import torch
import torch.nn.functional as F
from torch import nn
from torch.nn import ConvTranspose2d, Linear

from .batch_norm import FrozenBatchNorm2d, LayerNorm, NaiveSyncBatchNorm, get_norm
from .blocks import CNNBlockBase, DepthwiseSeparableConv2d
from .shape_spec import ShapeSpec
from .wrappers import BatchNorm2d, Conv2d, cat, cross_entropy, interpolate, move_device_like, nonzero_tuple
