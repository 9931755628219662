"""LLaVA: CLIP's image features, through two linear layers, as tokens of a language model."""
import torch
from torch import nn

from .parts.activations import activation
from .parts.config import Config
from .parts.multimodal import Multimodal, MultimodalLM


class LlavaConfig(Config):
    model_type = "llava"
    attribute_map = {"image_token_id": "image_token_index"}
    sub_configs = {"text_config": "llama", "vision_config": "clip_vision_model"}
    sub_defaults = {
        "vision_config": dict(
            intermediate_size=4096,
            hidden_size=1024,
            patch_size=14,
            image_size=336,
            num_hidden_layers=24,
            num_attention_heads=16,
            vocab_size=32000,
            projection_dim=768,
        )
    }
    defaults = dict(
        text_config=None,
        vision_config=None,
        image_token_index=32000,
        projector_hidden_act="gelu",
        vision_feature_select_strategy="default",
        vision_feature_layer=-2,
        multimodal_projector_bias=True,
        tie_word_embeddings=False,
    )

    def complete(self, given):
        self.tie_word_embeddings = self.tie_word_embeddings or bool(self.text_config.tie_word_embeddings)


class LlavaMultiModalProjector(nn.Module):
    def __init__(self, config):
        super().__init__()
        layers = 1 if isinstance(config.vision_feature_layer, int) else len(config.vision_feature_layer)
        size, bias = config.text_config.hidden_size, config.multimodal_projector_bias
        self.linear_1 = nn.Linear(config.vision_config.hidden_size * layers, size, bias=bias)
        self.act = activation(config.projector_hidden_act)
        self.linear_2 = nn.Linear(size, size, bias=bias)

    def forward(self, x):
        return self.linear_2(self.act(self.linear_1(x)))


class LlavaModel(Multimodal):
    def projector(self, config):
        return LlavaMultiModalProjector(config)

    def chosen(self, pixel_values):
        """What the layers that the config names give for each patch."""
        states = []
        self.vision_tower(pixel_values, states=states)
        layers = self.config.vision_feature_layer
        chosen = [states[i] for i in ([layers] if isinstance(layers, int) else layers)]
        if self.config.vision_feature_select_strategy == "default":
            chosen = [one[:, 1:] for one in chosen]
        return torch.cat(chosen, dim=-1) if len(chosen) > 1 else chosen[0]

    def image_features(self, pixel_values):
        return self.multi_modal_projector(self.chosen(pixel_values))


class LlavaForConditionalGeneration(MultimodalLM):
    base = LlavaModel
