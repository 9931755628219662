"""LLaVA-OneVision: LLaVA over SigLIP and Qwen2, with a learned token behind each row of patches; text is followed, images are not."""
import torch
from torch import nn

from .llava import LlavaConfig, LlavaModel
from .parts.multimodal import MultimodalLM


class LlavaOnevisionConfig(LlavaConfig):
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
        LlavaConfig.defaults,
        image_token_index=151646,
        video_token_index=151647,
        vision_feature_select_strategy="full",
        vision_feature_layer=-1,
    )


class LlavaOnevisionModel(LlavaModel):
    def __init__(self, config):
        super().__init__(config)
        self.image_newline = nn.Parameter(torch.randn(config.text_config.hidden_size))

    def inputs(self):
        return {"input_ids": "int64[B, T]"}

    def image_features(self, pixel_values):
        raise NotImplementedError("how many tokens an image takes depends on its size, which is not followed here")


class LlavaOnevisionForConditionalGeneration(MultimodalLM):
    base = LlavaOnevisionModel
