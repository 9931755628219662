"""Images cut into patches, and positions for other image sizes."""
import torch
from torch import nn


def pair(size):
    """Height and width from a config's one number or two."""
    return (size, size) if isinstance(size, int) else (size[0], size[1])


def check_axes(name, x, axes):
    """Raises where an input has more or fewer axes than are named."""
    if x.dim() != len(axes.split(", ")):
        raise ValueError(f"{name} has {x.dim()} axes ({', '.join(str(size) for size in x.shape)}), but the model reads {axes}")


class PatchEmbeddings(nn.Module):
    """`[B, C, H, W]` → `[B, patches, hidden]` by a convolution whose steps are as long as it is wide."""

    def __init__(self, config):
        super().__init__()
        self.image_size, self.patch_size = pair(config.image_size), pair(config.patch_size)
        self.num_channels = config.num_channels
        self.num_patches = (self.image_size[0] // self.patch_size[0]) * (self.image_size[1] // self.patch_size[1])
        self.projection = nn.Conv2d(self.num_channels, config.hidden_size, kernel_size=self.patch_size, stride=self.patch_size)

    def check(self, pixel_values):
        size = tuple(pixel_values.shape[2:])
        if size != self.image_size:
            raise ValueError(f"the image is {size[0]}×{size[1]}, but image_size is {self.image_size[0]}×{self.image_size[1]}")

    def forward(self, pixel_values):
        check_axes("pixel_values", pixel_values, "batch, channels, height, width")
        if pixel_values.shape[1] != self.num_channels:
            raise ValueError(f"the image has {pixel_values.shape[1]} channels, but num_channels is {self.num_channels}")
        return self.projection(pixel_values).flatten(2).transpose(1, 2)


def masked_patches(x, token, masked):
    """The patches, those that are masked replaced by the mask token."""
    mask = masked.unsqueeze(-1).type_as(x)
    return x * (1.0 - mask) + token.expand(x.shape[0], x.shape[1], -1) * mask


def resized_positions(positions, pixel_values, patch, extra):
    """Learned positions for another image size; the first `extra` belong to tokens that are no patches."""
    height, width = pixel_values.shape[2] // patch[0], pixel_values.shape[3] // patch[1]
    side = int((positions.shape[1] - extra) ** 0.5)
    if height == side and width == side:
        return positions
    grid = positions[:, extra:].reshape(1, side, side, -1).permute(0, 3, 1, 2)
    grid = nn.functional.interpolate(grid, size=(height, width), mode="bicubic", align_corners=False)
    grid = grid.permute(0, 2, 3, 1).reshape(1, height * width, -1)
    return torch.cat((positions[:, :extra], grid), dim=1) if extra else grid
