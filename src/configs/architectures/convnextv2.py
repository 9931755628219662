"""ConvNeXt V2: ConvNeXt whose feed-forward lets channels compete by their norms over the image."""
import torch
from torch import nn

from .convnext import ConvNextConfig, ConvNextForImageClassification, ConvNextLayer, ConvNextModel
from .parts.config import Config


class ConvNextV2Config(Config):
    model_type = "convnextv2"
    defaults = {key: value for key, value in ConvNextConfig.defaults.items() if key != "layer_scale_init_value"}


class ResponseNorm(nn.Module):
    """Each channel scaled by its norm over the image, relative to the mean of all channels' norms."""

    def __init__(self, channels):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1, 1, 1, channels))
        self.bias = nn.Parameter(torch.zeros(1, 1, 1, channels))

    def forward(self, x):
        size = torch.linalg.vector_norm(x, ord=2, dim=(1, 2), keepdim=True)
        relative = size / (size.mean(dim=-1, keepdim=True) + 1e-6)
        x = self.weight * (x * relative) + self.bias + x
        return x


class ConvNextV2Layer(ConvNextLayer):
    def widened(self, config, channels):
        self.grn = ResponseNorm(4 * channels)
        self.layer_scale_parameter = None


class ConvNextV2Model(ConvNextModel):
    layer_class = ConvNextV2Layer


class ConvNextV2ForImageClassification(ConvNextForImageClassification):
    base, name = ConvNextV2Model, "convnextv2"
