"""Mistral 3: Pixtral's patches, four of a square joined to one, as tokens of a language model."""
import torch
from torch import nn

from .parts.activations import activation
from .parts.attention import RMSNorm
from .parts.config import Config
from .parts.multimodal import Multimodal, MultimodalLM


class Mistral3Config(Config):
    model_type = "mistral3"
    attribute_map = {"image_token_id": "image_token_index"}
    sub_configs = {"text_config": "mistral", "vision_config": "pixtral"}
    sub_defaults = {
        "vision_config": dict(image_size=1540, patch_size=14),
        "text_config": dict(
            head_dim=128,
            hidden_size=5120,
            intermediate_size=32768,
            num_hidden_layers=40,
            rms_norm_eps=1e-5,
            rope_theta=1000000000.0,
            sliding_window=None,
            vocab_size=131072,
        ),
    }
    defaults = dict(
        text_config=None,
        vision_config=None,
        image_token_index=10,
        projector_hidden_act="gelu",
        vision_feature_layer=-1,
        multimodal_projector_bias=False,
        spatial_merge_size=2,
        tie_word_embeddings=True,
    )


class Mistral3PatchMerger(nn.Module):
    """Patches of each square, one behind the other, brought back to the width of one."""

    def __init__(self, config):
        super().__init__()
        size = config.vision_config.hidden_size
        self.side, self.patch = config.spatial_merge_size, config.vision_config.patch_size
        self.merging_layer = nn.Linear(size * self.side**2, size, bias=False)

    def forward(self, x, image_sizes):
        grids = [(height // self.patch, width // self.patch) for height, width in image_sizes]
        merged = []
        for (rows, columns), image in zip(grids, x.split([rows * columns for rows, columns in grids])):
            image = image.view(rows, columns, x.shape[-1]).permute(2, 0, 1).unsqueeze(0)
            squares = nn.functional.unfold(image, kernel_size=self.side, stride=self.side)
            merged.append(squares.view(x.shape[-1] * self.side**2, -1).t())
        x = torch.cat(merged, dim=0)
        return self.merging_layer(x)


class Mistral3MultiModalProjector(nn.Module):
    def __init__(self, config):
        super().__init__()
        layers = 1 if isinstance(config.vision_feature_layer, int) else len(config.vision_feature_layer)
        vision, text, bias = config.vision_config, config.text_config, config.multimodal_projector_bias
        self.norm = RMSNorm(vision.hidden_size, eps=text.rms_norm_eps)
        self.patch_merger = Mistral3PatchMerger(config)
        self.linear_1 = nn.Linear(vision.hidden_size * layers, text.hidden_size, bias=bias)
        self.act = activation(config.projector_hidden_act)
        self.linear_2 = nn.Linear(text.hidden_size, text.hidden_size, bias=bias)

    def forward(self, x, image_sizes):
        x = self.norm(x)
        x = self.patch_merger(x, image_sizes)
        x = self.linear_1(x)
        x = self.act(x)
        return self.linear_2(x)


class Mistral3Model(Multimodal):
    def projector(self, config):
        return Mistral3MultiModalProjector(config)

    def image_features(self, pixel_values):
        """Features of images that fill `pixel_values`, one image behind the other."""
        config, states = self.config, []
        self.vision_tower(pixel_values, states=states)
        layers = config.vision_feature_layer
        chosen = [states[i] for i in ([layers] if isinstance(layers, int) else layers)]
        x = chosen[0] if isinstance(layers, int) else torch.cat(chosen, dim=-1)
        count, _, height, width = pixel_values.shape
        x = self.multi_modal_projector(x.squeeze(0), [(height, width)] * count)
        step = config.vision_config.patch_size * config.spatial_merge_size
        return torch.cat(x.split([(height // step) * (width // step)] * count), dim=0)


class Mistral3ForConditionalGeneration(MultimodalLM):
    base = Mistral3Model
