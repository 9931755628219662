"""ViP-LLaVA: LLaVA that reads several layers of the image encoder at once."""
from torch import nn

from .llava import LlavaConfig, LlavaModel
from .parts.activations import activation
from .parts.multimodal import MultimodalLM


class VipLlavaConfig(LlavaConfig):
    model_type = "vipllava"
    defaults = dict(
        text_config=None,
        vision_config=None,
        image_token_index=32000,
        projector_hidden_act="gelu",
        projector_layernorm_eps=1e-5,
        vision_feature_layers=[-2, -5, -8, -11, 6],
        vision_feature_select_strategy="default",
        tie_word_embeddings=False,
    )

    def complete(self, given):
        self.vision_feature_layer = self.vision_feature_layers


class VipLlavaMultiModalProjector(nn.Module):
    def __init__(self, config):
        super().__init__()
        layers, size = config.vision_feature_layers, config.text_config.hidden_size
        seen = config.vision_config.hidden_size * (1 if isinstance(layers, int) else len(layers))
        self.projector_layernorm = nn.LayerNorm(seen, eps=config.projector_layernorm_eps)
        self.linear_1 = nn.Linear(seen, size)
        self.act = activation(config.projector_hidden_act)
        self.linear_2 = nn.Linear(size, size)

    def forward(self, x):
        x = self.projector_layernorm(x)
        x = self.linear_1(x)
        x = self.act(x)
        return self.linear_2(x)


class VipLlavaModel(LlavaModel):
    def projector(self, config):
        return VipLlavaMultiModalProjector(config)


class VipLlavaForConditionalGeneration(MultimodalLM):
    base = VipLlavaModel
