"""SmolVLM: Idefics 3, which puts the tokens of each image in their places one by one."""
import torch

from .idefics3 import Idefics3Config, Idefics3Model, Idefics3VisionConfig, Idefics3VisionTransformer
from .parts.multimodal import MultimodalLM


class SmolVLMVisionConfig(Idefics3VisionConfig):
    model_type = "smolvlm_vision"


class SmolVLMConfig(Idefics3Config):
    model_type = "smolvlm"
    sub_configs = {"text_config": "llama", "vision_config": SmolVLMVisionConfig}


class SmolVLMVisionTransformer(Idefics3VisionTransformer):
    pass


class SmolVLMModel(Idefics3Model):
    vision_class = SmolVLMVisionTransformer

    def merged(self, x, input_ids, images):
        """Which place each token goes to costs nothing; how many there are does."""
        marked = input_ids == self.config.image_token_id
        rows, columns = (torch.zeros(images.shape[0] * images.shape[1], dtype=torch.long, device=x.device) for _ in range(2))
        placed = torch.zeros_like(x)
        placed[rows, columns] = images[rows, columns, :]
        return torch.where(marked.unsqueeze(-1), placed, x)


class SmolVLMForConditionalGeneration(MultimodalLM):
    base = SmolVLMModel
