"""DeepSeek-VL: SigLIP's image features, through two linear layers, as tokens of a Llama."""
from torch import nn

from .parts.auto import model_of
from .parts.config import Config
from .parts.heads import Model
from .parts.multimodal import Multimodal, MultimodalLM


class DeepseekVLConfig(Config):
    model_type = "deepseek_vl"
    sub_configs = {"text_config": "llama", "vision_config": "siglip_vision_model"}
    defaults = dict(text_config=None, vision_config=None, image_token_id=100015)


class DeepseekVLAligner(nn.Module):
    def __init__(self, config):
        super().__init__()
        size = config.text_config.hidden_size
        self.linear1 = nn.Linear(config.vision_config.hidden_size, size)
        self.activation = nn.GELU()
        self.linear2 = nn.Linear(size, size)

    def forward(self, x):
        x = self.linear1(x)
        x = self.activation(x)
        return self.linear2(x)


class DeepseekVLModel(Multimodal):
    def __init__(self, config):
        Model.__init__(self, config)
        self.vision_model = model_of(config.vision_config)
        self.aligner = DeepseekVLAligner(config)
        self.language_model = model_of(config.text_config)

    def image_features(self, pixel_values):
        return self.aligner(self.vision_model(pixel_values).last_hidden_state)


class DeepseekVLForConditionalGeneration(MultimodalLM):
    base = DeepseekVLModel
