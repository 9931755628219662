"""Hyper-connections: several residual streams that mix around each half of a layer, by weights that each token chooses."""
import torch
from torch import nn
from torch.nn import functional as F


class UnweightedRMSNorm(nn.Module):
    def __init__(self, eps):
        super().__init__()
        self.eps = eps

    def forward(self, x):
        return x * torch.rsqrt(x.float().square().mean(-1, keepdim=True) + self.eps).to(x.dtype)


class HyperConnection(nn.Module):
    """Weights `[B, T, streams]` and `[B, T, streams, streams]` that mix residual streams, and their weighed sum `[B, T, size]`."""

    def __init__(self, config):
        super().__init__()
        self.streams, self.rounds, self.eps = config.hc_mult, config.hc_sinkhorn_iters, config.hc_eps
        count = (2 + self.streams) * self.streams
        self.input_norm = UnweightedRMSNorm(config.rms_norm_eps)
        self.fn = nn.Parameter(torch.empty(count, self.streams * config.hidden_size))
        self.base = nn.Parameter(torch.empty(count))
        self.scale = nn.Parameter(torch.empty(3))

    def forward(self, x):
        parts = [self.streams, self.streams, self.streams**2]
        flat = self.input_norm(x.flatten(start_dim=2).float())
        first, back, mix = F.linear(flat, self.fn.float()).split(parts, dim=-1)
        first_base, back_base, mix_base = self.base.split(parts)
        first_scale, back_scale, mix_scale = self.scale.unbind(0)
        first = torch.sigmoid(first * first_scale + first_base) + self.eps
        back = 2 * torch.sigmoid(back * back_scale + back_base)
        logits = mix.view(*mix.shape[:-1], self.streams, self.streams) * mix_scale + mix_base.view(self.streams, self.streams)
        mixer = torch.softmax(logits, dim=-1) + self.eps
        mixer = mixer / (mixer.sum(dim=-2, keepdim=True) + self.eps)
        for _ in range(self.rounds - 1):
            mixer = mixer / (mixer.sum(dim=-1, keepdim=True) + self.eps)
            mixer = mixer / (mixer.sum(dim=-2, keepdim=True) + self.eps)
        return back, mixer, (first.unsqueeze(-1) * x).sum(dim=2).to(x.dtype)


class HyperHead(nn.Module):
    """The weighed sum of the residual streams behind the last layer."""

    def __init__(self, config):
        super().__init__()
        self.eps = config.hc_eps
        self.input_norm = UnweightedRMSNorm(config.rms_norm_eps)
        self.hc_fn = nn.Parameter(torch.empty(config.hc_mult, config.hc_mult * config.hidden_size))
        self.hc_base = nn.Parameter(torch.empty(config.hc_mult))
        self.hc_scale = nn.Parameter(torch.empty(1))

    def forward(self, x):
        flat = self.input_norm(x.flatten(2).float())
        logits = F.linear(flat, self.hc_fn.float())
        shares = torch.sigmoid(logits * self.hc_scale.float() + self.hc_base.float()) + self.eps
        return (shares.unsqueeze(-1) * x).sum(dim=2).to(x.dtype)
