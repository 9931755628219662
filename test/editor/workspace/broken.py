import torch.nn as nn


class Mismatched(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(128, 64)
        self.second = nn.Linear(32, 10)

    def forward(self, x):  # assay: Mismatched()(float32[B, 128])
        h = self.first(x)
        return self.second(h)
