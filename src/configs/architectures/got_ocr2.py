"""GOT-OCR 2: Segment Anything's image encoder, through two convolutions, as tokens of a Qwen2."""
from torch import nn

from .parts.auto import model_of
from .parts.config import Config
from .parts.heads import Model
from .parts.multimodal import Multimodal, MultimodalLM
from .sam import SamVisionConfig, SamVisionEncoder


class GotOcr2VisionConfig(SamVisionConfig):
    """Whose attention is always written out."""

    eager_only = True
    defaults = dict(SamVisionConfig.defaults, mlp_dim=3072)


class GotOcr2Config(Config):
    model_type = "got_ocr2"
    attribute_map = {"image_token_id": "image_token_index"}
    sub_configs = {"text_config": "qwen2", "vision_config": GotOcr2VisionConfig}
    sub_defaults = {
        "text_config": dict(
            vocab_size=151860,
            hidden_size=1024,
            intermediate_size=2816,
            num_hidden_layers=24,
            num_attention_heads=16,
            num_key_value_heads=16,
            rope_theta=1000000.0,
            max_window_layers=21,
        )
    }
    defaults = dict(text_config=None, vision_config=None, image_token_index=151859)


class GotOcr2MultiModalProjector(nn.Module):
    """Each convolution halves rows and columns."""

    def __init__(self, config):
        super().__init__()
        seen, size = config.vision_config.output_channels, config.text_config.hidden_size
        self.conv_upsampler1 = nn.Conv2d(seen, seen * 2, kernel_size=3, stride=2, padding=1, bias=False)
        self.conv_upsampler2 = nn.Conv2d(seen * 2, size, kernel_size=3, stride=2, padding=1, bias=False)
        self.multimodal_projector = nn.Linear(size, size)

    def forward(self, x):
        x = self.conv_upsampler1(x)
        x = self.conv_upsampler2(x)
        x = x.flatten(2).permute(0, 2, 1)
        return self.multimodal_projector(x)


class GotOcr2Model(Multimodal):
    def __init__(self, config):
        Model.__init__(self, config)
        self.vision_tower = SamVisionEncoder(config.vision_config)
        self.multi_modal_projector = GotOcr2MultiModalProjector(config)
        self.language_model = model_of(config.text_config)

    def image_features(self, pixel_values):
        return super().image_features(pixel_values.to(self.language_model.embed_tokens.weight.dtype))


class GotOcr2ForConditionalGeneration(MultimodalLM):
    base = GotOcr2Model
