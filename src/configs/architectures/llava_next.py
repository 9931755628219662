"""LLaVA-NeXT: LLaVA with a learned mark at the end of each row of patches."""
import torch
from torch import nn

from .llava import LlavaConfig, LlavaModel
from .parts.multimodal import MultimodalLM


class LlavaNextConfig(LlavaConfig):
    model_type = "llava_next"


class LlavaNextModel(LlavaModel):
    def __init__(self, config):
        super().__init__(config)
        self.image_newline = nn.Parameter(torch.randn(config.text_config.hidden_size))


class LlavaNextForConditionalGeneration(MultimodalLM):
    base = LlavaNextModel
