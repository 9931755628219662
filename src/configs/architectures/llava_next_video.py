"""LLaVA-NeXT-Video: LLaVA-NeXT that reads videos as well, each frame's patches pooled."""
import math

import torch
from torch import nn

from .llava import LlavaConfig
from .llava_next import LlavaNextConfig, LlavaNextModel
from .parts.multimodal import MultimodalLM


class LlavaNextVideoConfig(LlavaNextConfig):
    model_type = "llava_next_video"
    attribute_map = {"image_token_id": "image_token_index", "video_token_id": "video_token_index"}
    defaults = dict(
        LlavaNextConfig.defaults,
        image_token_index=32001,
        video_token_index=32000,
        spatial_pool_mode="average",
        spatial_pool_stride=2,
    )

    def complete(self, given):
        super().complete(given)
        LlavaConfig.complete(self, given)


class LlavaNextVideoPooler(nn.Module):
    def __init__(self, config):
        super().__init__()
        mode, step, size = config.spatial_pool_mode, config.spatial_pool_stride, config.vision_config.hidden_size
        if mode == "average":
            self.pool = nn.AvgPool2d(kernel_size=step, stride=step)
        elif mode == "max":
            self.pool = nn.MaxPool2d(kernel_size=step, stride=step)
        elif mode == "conv":
            out = size if config.spatial_pool_out_channels is None else config.spatial_pool_out_channels
            self.pool = nn.Conv2d(size, out, kernel_size=step, stride=step)
        else:
            raise ValueError(f"spatial_pool_mode {mode!r} is none of average, max and conv")

    def forward(self, x):
        batch, count, size = x.shape
        side = int(math.sqrt(count))
        x = x.view(batch, side, side, size).permute(0, 3, 1, 2)
        x = self.pool(x)
        return x.flatten(2).transpose(1, 2).contiguous()


class LlavaNextVideoModel(LlavaNextModel):
    def __init__(self, config):
        super().__init__(config)
        self.vision_resampler = LlavaNextVideoPooler(config)

    def frames(self, pixel_values):
        """The tokens of all videos `[B, frames, C, H, W]`."""
        pooled = self.vision_resampler(self.chosen(pixel_values.flatten(0, 1)))
        tokens = self.multi_modal_projector(pooled)
        return torch.cat([one.flatten(0, 1) for one in torch.split(tokens, pixel_values.shape[1], dim=0)], dim=0)


class LlavaNextVideoForConditionalGeneration(MultimodalLM):
    base = LlavaNextVideoModel
