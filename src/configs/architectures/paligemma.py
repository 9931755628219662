"""PaliGemma: SigLIP's image features as tokens of Gemma."""
from torch import nn

from .parts.config import Config
from .parts.multimodal import Multimodal, MultimodalLM


class PaliGemmaConfig(Config):
    model_type = "paligemma"
    attribute_map = {"image_token_id": "image_token_index"}
    sub_configs = {"text_config": "gemma", "vision_config": "siglip_vision_model"}
    sub_defaults = {
        "text_config": dict(
            hidden_size=2048,
            num_hidden_layers=18,
            intermediate_size=16384,
            num_attention_heads=8,
            num_key_value_heads=1,
            vocab_size=257152,
        ),
        "vision_config": dict(
            intermediate_size=4096,
            hidden_size=1152,
            patch_size=14,
            image_size=224,
            num_hidden_layers=27,
            num_attention_heads=16,
            vision_use_head=False,
        ),
    }
    defaults = dict(text_config=None, vision_config=None, image_token_index=256000, projection_dim=2048, hidden_size=2048)

    def complete(self, given):
        if self.text_config.use_bidirectional_attention is None:
            self.text_config.use_bidirectional_attention = True


class PaliGemmaMultiModalProjector(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.linear = nn.Linear(config.vision_config.hidden_size, config.projection_dim)

    def forward(self, x):
        return self.linear(x)


class PaliGemmaModel(Multimodal):
    def projector(self, config):
        return PaliGemmaMultiModalProjector(config)


class PaliGemmaForConditionalGeneration(MultimodalLM):
    base = PaliGemmaModel
