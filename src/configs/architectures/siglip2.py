"""SigLIP 2: SigLIP that reads images of any shape, cut into patches beforehand and padded to a common number."""
import torch
from torch import nn

from .clip import CLIPEncoder
from .parts.config import Config
from .parts.heads import Model
from .parts.losses import classification_loss
from .parts.masks import padding_mask
from .parts.output import Output
from .siglip import SiglipModel, SiglipPoolingHead, SiglipTextConfig, SiglipTextModel, SiglipVisionConfig


class Siglip2TextConfig(SiglipTextConfig):
    model_type = "siglip2_text_model"


class Siglip2VisionConfig(SiglipVisionConfig):
    model_type = "siglip2_vision_model"
    defaults = dict(SiglipVisionConfig.defaults, image_size=None, num_patches=256)

    def complete(self, given):
        self.side = int(self.num_patches**0.5)
        if self.side**2 != self.num_patches:
            raise ValueError(f"num_patches {self.num_patches} is no square: {self.side} × {self.side} are {self.side**2}")


class Siglip2Config(Config):
    model_type = "siglip2"
    sub_configs = {"text_config": Siglip2TextConfig, "vision_config": Siglip2VisionConfig}
    defaults = dict(text_config=None, vision_config=None)


class Siglip2VisionEmbeddings(nn.Module):
    """Patches through a linear layer; learned positions, brought to the shape of each image."""

    def __init__(self, config):
        super().__init__()
        self.side = config.side
        self.patch_embedding = nn.Linear(config.num_channels * config.patch_size**2, config.hidden_size)
        self.position_embedding = nn.Embedding(config.num_patches, config.hidden_size)

    def positions(self, batch, length):
        """One row for each patch; an image is taken to be the squarest that fills all patches."""
        table = self.position_embedding.weight.reshape(self.side, self.side, -1)
        out = torch.empty((batch, length, table.shape[-1]), device=table.device, dtype=table.dtype)
        grid = table.permute(2, 0, 1).unsqueeze(0)
        height = int(length**0.5)
        width = length // height
        for i in range(batch):
            resized = nn.functional.interpolate(grid, size=(height, width), mode="bilinear", align_corners=False, antialias=True)
            resized = resized.reshape(table.shape[-1], height * width).transpose(0, 1)
            out[i, : height * width] = resized
            out[i, height * width :] = resized[0]
        return out

    def forward(self, patches):
        x = self.patch_embedding(patches.to(dtype=self.patch_embedding.weight.dtype))
        places = self.positions(patches.shape[0], patches.shape[1])
        return x + places


class Siglip2PoolingHead(SiglipPoolingHead):
    """One learned query looks at the patches that are no padding."""

    def __init__(self, config):
        super().__init__(config)
        self.config = config

    def forward(self, x, padding=None):
        probe = self.probe.repeat(x.shape[0], 1, 1)
        mask = None if padding is None else padding_mask(self.config, probe, padding, x)
        if mask is not None:
            mask = mask.repeat(1, self.config.num_attention_heads, 1, 1)
            mask = mask.reshape(-1, 1, x.shape[1])
            if mask.dtype == torch.bool:
                mask = torch.where(mask, torch.full((), 0.0, device=mask.device, dtype=probe.dtype), torch.finfo(probe.dtype).min)
        pooled = self.attention(probe, x, x, attn_mask=mask)[0]
        return (pooled + self.mlp(self.layernorm(pooled)))[:, 0]


class Siglip2TextModel(SiglipTextModel):
    pass


class PatchModel(Model):
    """A model of images that are patches already; which of them are padding is said as well."""

    def inputs(self):
        vision = self.config.vision_config or self.config
        count = vision.num_patches
        return {
            "pixel_values": f"float32[B, {count}, {vision.num_channels * vision.patch_size**2}]",
            "pixel_attention_mask": f"int64[B, {count}]",
            "spatial_shapes": "int64[B, 2]",
        }


class Siglip2VisionModel(PatchModel):
    def __init__(self, config):
        super().__init__(config)
        self.embeddings = Siglip2VisionEmbeddings(config)
        self.encoder = CLIPEncoder(config)
        self.post_layernorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        if config.vision_use_head:
            self.head = Siglip2PoolingHead(config)

    def forward(self, pixel_values=None, pixel_attention_mask=None, spatial_shapes=None, **kwargs):
        x = self.embeddings(pixel_values)
        x = self.encoder(x, padding_mask(self.config, x, pixel_attention_mask))
        x = self.post_layernorm(x)
        pooled = self.head(x, pixel_attention_mask) if self.config.vision_use_head else None
        return Output(last_hidden_state=x, pooler_output=pooled)


class Siglip2Model(SiglipModel):
    text_class = Siglip2TextModel
    vision_class = Siglip2VisionModel


class Siglip2ForImageClassification(PatchModel):
    def __init__(self, config):
        super().__init__(config)
        self.vision_model = Siglip2VisionModel(config.vision_config)
        size = config.vision_config.hidden_size
        self.classifier = nn.Linear(size, config.num_labels) if config.num_labels > 0 else nn.Identity()

    def forward(self, pixel_values=None, pixel_attention_mask=None, spatial_shapes=None, labels=None, **kwargs):
        x = self.vision_model(pixel_values, pixel_attention_mask).last_hidden_state
        if pixel_attention_mask is None:
            pooled = torch.mean(x, dim=1)
        else:
            real = pixel_attention_mask[..., None].to(x.device)
            pooled = torch.sum(x * real, dim=1) / torch.sum(real, dim=1)
        logits = self.classifier(pooled)
        loss = None if labels is None else classification_loss(logits, labels, self.config)
        return Output(loss=loss, logits=logits)
