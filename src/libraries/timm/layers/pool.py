"""Pooling by name."""
import torch
import torch.nn.functional as F
from torch import nn


class SelectAdaptivePool2d(nn.Module):
    def __init__(self, output_size=1, pool_type="fast", flatten=False, input_fmt="NCHW"):
        super().__init__()
        self.pool_type, self.output_size = pool_type or "", output_size
        self.flatten = nn.Flatten(1) if flatten else nn.Identity()

    def is_identity(self):
        return not self.pool_type

    def feat_mult(self):
        return 2 if self.pool_type == "catavgmax" else 1

    def forward(self, x):
        average, largest = F.adaptive_avg_pool2d, F.adaptive_max_pool2d
        if self.pool_type in ("avg", "fast", "fastavg"):
            x = average(x, self.output_size)
        elif self.pool_type == "max":
            x = largest(x, self.output_size)
        elif self.pool_type == "avgmax":
            x = 0.5 * (average(x, self.output_size) + largest(x, self.output_size))
        elif self.pool_type == "catavgmax":
            x = torch.cat((average(x, self.output_size), largest(x, self.output_size)), 1)
        return self.flatten(x)
