"""A mask for each of DETR's queries, from where it looks and from the backbone's larger maps."""
import torch
from torch import nn

from .activations import activation


class ConvBlock(nn.Module):
    def __init__(self, config, channels, out):
        super().__init__()
        self.conv = nn.Conv2d(channels, out, kernel_size=3, padding=1)
        self.norm = nn.GroupNorm(min(8, out), out)
        self.activation = activation(config.activation_function)

    def forward(self, x):
        return self.activation(self.norm(self.conv(x)))


class Fusion(nn.Module):
    """A larger map of the backbone added, and both convolved."""

    def __init__(self, config, channels, before, out):
        super().__init__()
        self.fpn_adapter = nn.Conv2d(channels, before, kernel_size=1)
        self.refine = ConvBlock(config, before, out)

    def forward(self, x, larger):
        larger = self.fpn_adapter(larger)
        x = nn.functional.interpolate(x, size=larger.shape[-2:], mode="nearest")
        return self.refine(larger + x)


class MaskHead(nn.Module):
    """A mask for each query, four times as large as the last map in each stage but one."""

    def __init__(self, config, channels, larger):
        super().__init__()
        size = config.d_model
        if channels % 8 != 0:
            raise ValueError(f"d_model and the heads are {channels} channels together, which is not a multiple of 8")
        self.conv1 = ConvBlock(config, channels, channels)
        self.conv2 = ConvBlock(config, channels, size // 2)
        self.fpn_stages = nn.ModuleList(
            [Fusion(config, larger[i], size // 2 ** (i + 1), size // 2 ** (i + 2)) for i in range(3)]
        )
        self.output_conv = nn.Conv2d(size // 16, 1, kernel_size=3, padding=1)

    def forward(self, x, attended, larger):
        count = attended.shape[1]
        x = x.unsqueeze(1).expand(-1, count, -1, -1, -1).flatten(0, 1)
        attended = attended.flatten(0, 1)
        larger = [one.unsqueeze(1).expand(-1, count, -1, -1, -1).flatten(0, 1) for one in larger]
        out = torch.cat([x, attended], dim=1)
        out = self.conv1(out)
        out = self.conv2(out)
        for stage, one in zip(self.fpn_stages, larger):
            out = stage(out, one)
        return self.output_conv(out)


class AttentionMap(nn.Module):
    """Where each query looks, for each head: `[B, queries, heads, rows, columns]`."""

    def __init__(self, size, heads):
        super().__init__()
        self.head_dim = size // heads
        self.q_proj = nn.Linear(size, size)
        self.k_proj = nn.Linear(size, size)

    def forward(self, x, image, mask):
        batch, (height, width) = x.shape[0], image.shape[-2:]
        queries = self.q_proj(x).view(*x.shape[:-1], -1, self.head_dim)
        weight = self.k_proj.weight.unsqueeze(-1).unsqueeze(-1)
        keys = nn.functional.conv2d(image, weight, self.k_proj.bias).view(batch, -1, self.head_dim, height, width)
        count, heads = queries.shape[1:3]
        query = queries.transpose(1, 2).contiguous().view(batch * heads, count, self.head_dim)
        key = keys.permute(0, 1, 3, 4, 2).contiguous().view(batch * heads, height * width, self.head_dim)
        scores = torch.matmul(query * self.head_dim**-0.5, key.transpose(1, 2))
        scores = scores.view(batch, heads, count, height, width).transpose(1, 2)
        scores = scores + mask
        weights = nn.functional.softmax(scores.flatten(2), dim=-1).view(scores.size())
        return nn.functional.dropout(weights, p=0.0, training=self.training)
