"""Idefics 3: SigLIP's encoder over images of any shape, whose patches are packed together for a Llama."""
import torch
from torch import nn

from .clip import CLIPEncoder
from .parts.auto import model_of
from .parts.config import Config
from .parts.heads import ImageModel, Model
from .parts.masks import padding_mask
from .parts.multimodal import MultimodalLM
from .parts.output import Output


class Idefics3VisionConfig(Config):
    model_type = "idefics3_vision"
    whole_heads = True
    defaults = dict(
        hidden_size=1152,
        intermediate_size=3072,
        num_hidden_layers=12,
        num_attention_heads=16,
        num_channels=3,
        image_size=224,
        patch_size=32,
        hidden_act="gelu_pytorch_tanh",
        layer_norm_eps=1e-6,
        attention_dropout=0.0,
    )


class Idefics3Config(Config):
    model_type = "idefics3"
    sub_configs = {"text_config": "llama", "vision_config": Idefics3VisionConfig}
    sub_defaults = {"text_config": dict(rms_norm_eps=1e-5, pad_token_id=128002)}
    defaults = dict(text_config=None, vision_config=None, image_token_id=128257, tie_word_embeddings=False, scale_factor=2, pad_token_id=128002)


class Idefics3VisionEmbeddings(nn.Module):
    """Patches, and for each the learned position nearest to where it lies in its image."""

    def __init__(self, config):
        super().__init__()
        patch = config.patch_size
        self.patch_embedding = nn.Conv2d(config.num_channels, config.hidden_size, kernel_size=patch, stride=patch)
        self.position_embedding = nn.Embedding((config.image_size // patch) ** 2, config.hidden_size)

    def forward(self, pixel_values):
        x = self.patch_embedding(pixel_values).flatten(2).transpose(1, 2)
        places = torch.full(x.shape[:2], 0, device=x.device)
        return x + self.position_embedding(places)


class Idefics3VisionTransformer(ImageModel):
    def __init__(self, config):
        super().__init__(config)
        self.embeddings = Idefics3VisionEmbeddings(config)
        self.encoder = CLIPEncoder(config)
        self.post_layernorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)

    def forward(self, pixel_values=None, patch_attention_mask=None, **kwargs):
        x = self.embeddings(pixel_values)
        mask = None
        if patch_attention_mask is not None:
            mask = padding_mask(self.config, x, patch_attention_mask.view(x.shape[0], -1))
        x = self.encoder(x, mask)
        return Output(last_hidden_state=self.post_layernorm(x))


class Idefics3SimpleMLP(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.proj = nn.Linear(config.vision_config.hidden_size * config.scale_factor**2, config.text_config.hidden_size, bias=False)

    def forward(self, x):
        return self.proj(x)


class Idefics3Connector(nn.Module):
    """Squares of neighbouring patches as one token each."""

    def __init__(self, config):
        super().__init__()
        self.factor = config.scale_factor
        self.modality_projection = Idefics3SimpleMLP(config)

    def forward(self, x):
        batch, count, size = x.shape
        factor, side = self.factor, int(count**0.5)
        x = x.view(batch, side, int(side / factor), size * factor)
        x = x.permute(0, 2, 1, 3)
        x = x.reshape(batch, int(side / factor), int(side / factor), size * factor**2)
        x = x.permute(0, 2, 1, 3)
        x = x.reshape(batch, int(count / factor**2), size * factor**2)
        return self.modality_projection(x)


class Idefics3Model(Model):
    vision_class = Idefics3VisionTransformer

    def __init__(self, config):
        super().__init__(config)
        self.vision_model = self.vision_class(config.vision_config)
        self.connector = Idefics3Connector(config)
        self.text_model = model_of(config.text_config)

    @property
    def language_model(self):
        return self.text_model

    def image_features(self, pixel_values, pixel_attention_mask):
        """Tokens `[images, tokens, hidden]` of `[B, images, C, H, W]`, all of which are taken to be images, not padding."""
        patch = self.config.vision_config.patch_size
        pixel_values = pixel_values.to(dtype=self.text_model.embed_tokens.weight.dtype).flatten(0, 1)
        real = torch.arange(pixel_values.shape[0], device=pixel_values.device)
        pixel_values = pixel_values[real].contiguous()
        mask = None
        if pixel_attention_mask is not None:
            mask = pixel_attention_mask.flatten(0, 1)[real].contiguous()
            mask = mask.unfold(1, patch, patch).unfold(2, patch, patch)
            mask = (mask.sum(dim=(-1, -2)) > 0).bool()
        return self.connector(self.vision_model(pixel_values, mask).last_hidden_state)

    def merged(self, x, input_ids, images):
        places = (input_ids == self.config.image_token_id).unsqueeze(-1)
        return x.masked_scatter(places, images.to(x.dtype))

    def forward(self, input_ids=None, pixel_values=None, pixel_attention_mask=None, image_hidden_states=None, attention_mask=None, position_ids=None, past_key_values=None, inputs_embeds=None, use_cache=None, **kwargs):
        x = self.text_model.embed_tokens(input_ids) if inputs_embeds is None else inputs_embeds
        images = image_hidden_states
        if pixel_values is not None:
            images = self.image_features(pixel_values, pixel_attention_mask)
        if images is not None:
            x = self.merged(x, input_ids, images)
        out = self.text_model(attention_mask=attention_mask, position_ids=position_ids, past_key_values=past_key_values, inputs_embeds=x, use_cache=use_cache)
        return Output(last_hidden_state=out.last_hidden_state, past_key_values=out.past_key_values, image_hidden_states=images)


class Idefics3ForConditionalGeneration(MultimodalLM):
    base = Idefics3Model
