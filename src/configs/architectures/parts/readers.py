"""What makes vectors of a Perceiver's inputs: words or pixels, and where each of them stands."""
import math

import torch
from torch import nn


class PerceiverTextPreprocessor(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.width = config.d_model
        self.embeddings = nn.Embedding(config.vocab_size, config.d_model)
        self.position_embeddings = nn.Embedding(config.max_position_embeddings, config.d_model)

    def forward(self, inputs):
        plain = self.embeddings(inputs)
        places = torch.arange(0, inputs.shape[1], device=inputs.device)
        return plain + self.position_embeddings(places), plain


class TrainablePositions(nn.Module):
    def __init__(self, count, width):
        super().__init__()
        self.width = width
        self.position_embeddings = nn.Parameter(torch.randn(count, width))

    def forward(self, batch, sizes=None, like=None):
        return self.position_embeddings.expand(batch, -1, -1)


class FourierPositions(nn.Module):
    """Coordinates from -1 to 1, and their sines and cosines in 64 frequencies for each axis."""

    def __init__(self, resolution, bands=64):
        super().__init__()
        self.resolution, self.bands = resolution, bands
        self.width = len(resolution) * (2 * bands + 1)

    def forward(self, batch, sizes, like):
        grid = torch.meshgrid(*(torch.linspace(-1.0, 1.0, steps=size, dtype=torch.float32) for size in sizes), indexing="ij")
        places = torch.stack(grid, dim=-1)
        places = places[None].expand((batch,) + places.shape)
        places = torch.reshape(places, [batch, math.prod(sizes), -1])
        bands = torch.stack([torch.linspace(1.0, size / 2, steps=self.bands, device=places.device) for size in self.resolution])
        waves = places[0, :, :][:, :, None] * bands[None, :, :]
        waves = torch.reshape(waves, [-1, len(sizes) * self.bands])
        waves = torch.cat([torch.sin(math.pi * waves), torch.cos(math.pi * waves)], dim=-1)
        found = torch.cat([places, waves.expand(batch, -1, -1)], dim=-1)
        return found.to(device=like.device, dtype=like.dtype)


class SamePadding(nn.Conv2d):
    """A convolution whose input is padded to keep its size where the stride is 1."""

    def __init__(self, channels, width, kernel, stride):
        super().__init__(channels, width, kernel_size=kernel, stride=stride, bias=False)
        sides = (kernel // 2 + (kernel - 2 * (kernel // 2)) - 1, kernel // 2)
        self.zero_pad_2d = nn.ZeroPad2d(sides + sides)

    def forward(self, x):
        return self._conv_forward(self.zero_pad_2d(x), self.weight, self.bias)


class Conv2DDownsample(nn.Module):
    def __init__(self, channels, width):
        super().__init__()
        self.conv = SamePadding(channels, width, 7, 2)
        self.batchnorm = nn.BatchNorm2d(width)
        self.relu = nn.ReLU()
        self.max_pool = nn.MaxPool2d(kernel_size=3, stride=2)

    def forward(self, x):
        x = self.conv(x)
        x = self.batchnorm(x)
        x = self.relu(x)
        return self.max_pool(x)


class PerceiverImagePreprocessor(nn.Module):
    """Pixels, or what a convolution makes of them, each beside its position."""

    def __init__(self, kind, channels, positions, projected=None):
        super().__init__()
        self.kind = kind
        if kind == "conv":
            self.convnet = Conv2DDownsample(3, channels)
        elif kind == "conv1x1":
            self.convnet_1x1 = nn.Conv2d(3, channels, kernel_size=(1, 1), stride=(1, 1))
        self.position_embeddings = positions
        self.positions_projection = nn.Linear(channels, projected) if projected else nn.Identity()
        self.conv_after_patches = nn.Identity()
        self.width = (projected or positions.width) + (3 if kind == "pixels" else channels)

    def forward(self, inputs):
        if self.kind == "conv":
            inputs = self.convnet(inputs)
        elif self.kind == "conv1x1":
            inputs = self.convnet_1x1(inputs)
        inputs = inputs.permute(0, 2, 3, 1)
        batch, sizes = inputs.shape[0], inputs.shape[1:3]
        inputs = torch.reshape(inputs, [batch, sizes[0] * sizes[1], -1])
        places = self.positions_projection(self.position_embeddings(batch, sizes, inputs))
        return torch.cat([inputs, places], dim=-1), inputs
