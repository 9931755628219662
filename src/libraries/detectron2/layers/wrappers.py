"""torch's layers with what detectron2 adds."""
import torch
import torch.nn.functional as F
from torch import nn

BatchNorm2d = nn.BatchNorm2d
interpolate = F.interpolate
cross_entropy = F.cross_entropy


class Conv2d(nn.Conv2d):
    def __init__(self, *args, **kwargs):
        norm = kwargs.pop("norm", None)
        activation = kwargs.pop("activation", None)
        super().__init__(*args, **kwargs)
        self.norm = norm
        self.activation = activation

    def forward(self, x):
        x = F.conv2d(x, self.weight, self.bias, self.stride, self.padding, self.dilation, self.groups)
        if self.norm is not None:
            x = self.norm(x)
        return x if self.activation is None else self.activation(x)


def cat(tensors, dim=0):
    return tensors[0] if len(tensors) == 1 else torch.cat(tensors, dim)


def nonzero_tuple(x):
    return x.nonzero(as_tuple=True)


def move_device_like(src, dst):
    return src
