"""LLaVA-OneVision: LLaVA-NeXT over SigLIP and Qwen2, which shrinks the largest images, and reads videos frame by frame."""
import math

import torch
from torch.nn import functional as F

from .llava import LlavaConfig
from .llava_next import LlavaNextConfig, LlavaNextModel
from .parts.multimodal import MultimodalLM


class LlavaOnevisionConfig(LlavaNextConfig):
    model_type = "llava_onevision"
    attribute_map = {"image_token_id": "image_token_index", "video_token_id": "video_token_index"}
    sub_configs = {"text_config": "qwen2", "vision_config": "siglip_vision_model"}
    sub_defaults = {
        "vision_config": dict(
            hidden_size=1152,
            intermediate_size=4304,
            patch_size=14,
            image_size=384,
            num_hidden_layers=26,
            num_attention_heads=16,
            vision_use_head=False,
        )
    }
    defaults = dict(
        LlavaNextConfig.defaults,
        image_token_index=151646,
        video_token_index=151647,
        vision_feature_select_strategy="full",
        vision_feature_layer=-1,
        vision_aspect_ratio="anyres_max_9",
    )
    offered = [[384 * rows, 384 * columns] for rows in range(1, 7) for columns in range(1, 7)]

    def complete(self, given):
        super().complete(given)
        LlavaConfig.complete(self, given)


class LlavaOnevisionModel(LlavaNextModel):
    def shrunk(self, x):
        """Made smaller where an image has far more patches than the most that the config allows."""
        vision = self.config.vision_config
        most = int(self.config.vision_aspect_ratio.strip("anyres_max_")) * (vision.image_size // vision.patch_size) ** 2
        rows, columns = x.shape[1:]
        ratio = math.sqrt(rows * columns / most)
        if ratio <= 1.1:
            return x
        return F.interpolate(x[None], [int(rows // ratio), int(columns // ratio)], mode="bilinear")[0]

    def frames(self, pixel_values):
        """The tokens of all videos `[B, frames, C, H, W]`: a quarter of each frame's patches, and one mark behind each video."""
        vision = self.config.vision_config
        videos, count = pixel_values.shape[:2]
        x = self.image_features(pixel_values.flatten(0, 1))
        side = vision.image_size // vision.patch_size
        x = x.view(videos * count, side, side, -1).permute(0, 3, 1, 2).contiguous()
        half = math.ceil(side / 2)
        x = F.interpolate(x, size=[half, half], mode="bilinear")
        x = x.permute(0, 2, 3, 1)
        x = x.reshape(videos, count * half**2, -1)
        mark = self.image_newline[None, None, :].repeat(videos, 1, 1)
        return torch.cat((x, mark), dim=1).flatten(0, 1)


class LlavaOnevisionForConditionalGeneration(MultimodalLM):
    base = LlavaOnevisionModel
