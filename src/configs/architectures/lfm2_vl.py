"""LFM2-VL: SigLIP 2 over images of any shape, whose patches are packed together for an LFM2."""
import torch
from torch import nn

from .parts.activations import activation
from .parts.config import Config
from .parts.multimodal import Multimodal, MultimodalLM
from .parts.output import Output


class Lfm2VlConfig(Config):
    model_type = "lfm2_vl"
    sub_configs = {"text_config": "lfm2", "vision_config": "siglip2_vision_model"}
    defaults = dict(
        text_config=None,
        vision_config=None,
        image_token_id=396,
        projector_hidden_act="gelu",
        projector_hidden_size=2560,
        projector_bias=True,
        projector_use_layernorm=True,
        downsample_factor=2,
    )

    def complete(self, given):
        self.tie_word_embeddings = given.get("tie_embedding", self.tie_word_embeddings)


class Lfm2VlMultiModalProjector(nn.Module):
    """Squares of neighbouring patches as one token each."""

    def __init__(self, config):
        super().__init__()
        self.factor = config.downsample_factor
        packed, inner, bias = config.vision_config.hidden_size * self.factor**2, config.projector_hidden_size, config.projector_bias
        self.layer_norm = nn.LayerNorm(packed) if config.projector_use_layernorm else None
        self.linear_1 = nn.Linear(packed, inner, bias=bias)
        self.act = activation(config.projector_hidden_act)
        self.linear_2 = nn.Linear(inner, config.text_config.hidden_size, bias=bias)

    def forward(self, x):
        batch, width, height, channels = x.shape
        factor = self.factor
        x = x.reshape(batch, width, height // factor, channels * factor)
        x = x.permute(0, 2, 1, 3)
        x = x.reshape(batch, height // factor, width // factor, channels * factor**2)
        x = x.permute(0, 2, 1, 3)
        if self.layer_norm is not None:
            x = self.layer_norm(x)
        x = self.linear_1(x)
        x = self.act(x)
        return self.linear_2(x)


class Lfm2VlModel(Multimodal):
    def projector(self, config):
        return Lfm2VlMultiModalProjector(config)

    def seen(self, pixel_values, pixel_attention_mask, shapes):
        """The tokens of all images, one behind the other; `shapes`: rows and columns of patches of each."""
        if shapes is None:
            raise ValueError("spatial_shapes is not given: how many tokens an image takes depends on its rows and columns of patches")
        shapes = shapes.tolist() if isinstance(shapes, torch.Tensor) else shapes
        x = self.vision_tower(pixel_values, pixel_attention_mask).last_hidden_state
        tokens = []
        for one, (height, width) in zip(x, shapes):
            grid = one[: height * width].unsqueeze(0).reshape(1, height, width, -1)
            packed = self.multi_modal_projector(grid)
            tokens.append(packed.reshape(-1, packed.shape[-1]))
        return torch.cat(tokens, dim=0)

    def forward(self, input_ids=None, pixel_values=None, pixel_attention_mask=None, spatial_shapes=None, attention_mask=None, position_ids=None, past_key_values=None, inputs_embeds=None, use_cache=None, **kwargs):
        x = self.language_model.embed_tokens(input_ids) if inputs_embeds is None else inputs_embeds
        images = None
        if pixel_values is not None:
            images = self.seen(pixel_values, pixel_attention_mask, spatial_shapes).to(x.dtype)
            x = x.masked_scatter((input_ids == self.config.image_token_id).unsqueeze(-1), images)
        out = self.language_model(attention_mask=attention_mask, position_ids=position_ids, past_key_values=past_key_values, inputs_embeds=x, use_cache=use_cache)
        return Output(last_hidden_state=out.last_hidden_state, past_key_values=out.past_key_values, image_hidden_states=images)


class Lfm2VlForConditionalGeneration(MultimodalLM):
    base = Lfm2VlModel
