"""A U-Net for diffusion: residual blocks that take the time step, attention at the coarse levels, skip connections."""
import math

import torch
import torch.nn as nn
import torch.nn.functional as F


def timestep_embedding(t, dim: int, max_period: int = 10000):
    """Sines and cosines of the time step, `[B, dim]`."""
    half = dim // 2
    freqs = torch.exp(-math.log(max_period) * torch.arange(half, dtype=torch.float32, device=t.device) / half)
    args = t[:, None].float() * freqs[None]
    return torch.cat([torch.cos(args), torch.sin(args)], dim=-1)


class ResBlock(nn.Module):
    def __init__(self, in_channels: int, out_channels: int, time_dim: int, dropout: float = 0.1):
        super().__init__()
        self.norm1 = nn.GroupNorm(32, in_channels)
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, padding=1)
        self.time = nn.Linear(time_dim, out_channels)
        self.norm2 = nn.GroupNorm(32, out_channels)
        self.dropout = nn.Dropout(dropout)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1)
        self.skip = nn.Identity() if in_channels == out_channels else nn.Conv2d(in_channels, out_channels, 1)

    def forward(self, x, emb):
        h = self.conv1(F.silu(self.norm1(x)))
        h = h + self.time(F.silu(emb))[:, :, None, None]
        h = self.conv2(self.dropout(F.silu(self.norm2(h))))
        return h + self.skip(x)


class AttentionBlock(nn.Module):
    def __init__(self, channels: int, heads: int = 4):
        super().__init__()
        self.heads = heads
        self.norm = nn.GroupNorm(32, channels)
        self.qkv = nn.Conv1d(channels, channels * 3, 1)
        self.proj = nn.Conv1d(channels, channels, 1)

    def forward(self, x):
        B, C, H, W = x.shape
        qkv = self.qkv(self.norm(x).view(B, C, H * W)).view(B * self.heads, 3 * C // self.heads, H * W)
        q, k, v = qkv.chunk(3, dim=1)
        scale = 1 / math.sqrt(C // self.heads)
        weights = torch.softmax(torch.einsum("bct,bcs->bts", q * scale, k), dim=-1)
        out = torch.einsum("bts,bcs->bct", weights, v).reshape(B, C, H * W)
        return x + self.proj(out).view(B, C, H, W)


class Level(nn.ModuleList):
    """A residual block, and attention where the level has it."""

    def forward(self, x, emb):
        for layer in self:
            x = layer(x, emb) if isinstance(layer, ResBlock) else layer(x)
        return x


class Upsample(nn.Module):
    def __init__(self, channels: int):
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x):
        return self.conv(F.interpolate(x, scale_factor=2, mode="nearest"))


# assay: UNet()(float32[B, 3, 64, 64], int64[B])
class UNet(nn.Module):
    def __init__(self, channels: int = 128, mults=(1, 2, 3, 4), depth: int = 2, attention=(2, 3), image_channels: int = 3):
        super().__init__()
        self.channels = channels
        time_dim = channels * 4
        self.time_embed = nn.Sequential(nn.Linear(channels, time_dim), nn.SiLU(), nn.Linear(time_dim, time_dim))
        self.stem = nn.Conv2d(image_channels, channels, 3, padding=1)
        self.down, self.up = nn.ModuleList(), nn.ModuleList()
        skips, width = [channels], channels
        for i, mult in enumerate(mults):
            for _ in range(depth):
                layers = [ResBlock(width, channels * mult, time_dim)]
                width = channels * mult
                if i in attention:
                    layers.append(AttentionBlock(width))
                self.down.append(Level(layers))
                skips.append(width)
            if i != len(mults) - 1:
                self.down.append(Level([nn.Conv2d(width, width, 3, stride=2, padding=1)]))
                skips.append(width)
        self.middle = Level([ResBlock(width, width, time_dim), AttentionBlock(width), ResBlock(width, width, time_dim)])
        for i, mult in reversed(list(enumerate(mults))):
            for j in range(depth + 1):
                layers = [ResBlock(width + skips.pop(), channels * mult, time_dim)]
                width = channels * mult
                if i in attention:
                    layers.append(AttentionBlock(width))
                if i != 0 and j == depth:
                    layers.append(Upsample(width))
                self.up.append(Level(layers))
        self.head = nn.Sequential(nn.GroupNorm(32, width), nn.SiLU(), nn.Conv2d(width, image_channels, 3, padding=1))

    def forward(self, x, t):
        emb = self.time_embed(timestep_embedding(t, self.channels).to(x.dtype))
        h = self.stem(x)
        skips = [h]
        for level in self.down:
            h = level(h, emb)
            skips.append(h)
        h = self.middle(h, emb)
        for level in self.up:
            h = level(torch.cat([h, skips.pop()], dim=1), emb)
        return self.head(h)
