import torch.nn as nn
import torch.nn.functional as F


class Classifier(nn.Module):
    def __init__(self, features: int = 784, hidden: int = 256, classes: int = 10):
        super().__init__()
        self.first = nn.Linear(features, hidden)
        self.last = nn.Linear(hidden, classes)

    def forward(self, x):  # assay: Classifier()(float32[B, 784])
        h = F.relu(self.first(x))
        return self.last(h)
