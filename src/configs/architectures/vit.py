"""ViT: an image cut into patches, a class token, and an encoder with norms before each half."""
import math

import torch
from torch import nn

from .parts.activations import activation
from .parts.block import Block
from .parts.config import Config
from .parts.heads import ImageModel
from .parts.losses import classification_loss
from .parts.output import Output
from .parts.patches import PatchEmbeddings, masked_patches, resized_positions
from .parts.vision import FeedForward, VisionAttention


class ViTConfig(Config):
    model_type = "vit"
    defaults = dict(
        hidden_size=768,
        num_hidden_layers=12,
        num_attention_heads=12,
        intermediate_size=3072,
        hidden_act="gelu",
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        layer_norm_eps=1e-12,
        image_size=224,
        patch_size=16,
        num_channels=3,
        qkv_bias=True,
        encoder_stride=16,
        pooler_act="tanh",
    )

    def complete(self, given):
        self.pooler_output_size = self.pooler_output_size or self.hidden_size


class ViTEmbeddings(nn.Module):
    def __init__(self, config, masking=False):
        super().__init__()
        size = config.hidden_size
        self.cls_token = nn.Parameter(torch.randn(1, 1, size))
        self.mask_token = nn.Parameter(torch.zeros(1, 1, size)) if masking else None
        self.patch_embeddings = PatchEmbeddings(config)
        self.position_embeddings = nn.Parameter(torch.randn(1, self.patch_embeddings.num_patches + 1, size))
        self.dropout = nn.Dropout(config.hidden_dropout_prob)

    def forward(self, pixel_values, bool_masked_pos=None, interpolate_pos_encoding=False):
        x = self.patch_embeddings(pixel_values)
        if bool_masked_pos is not None:
            x = masked_patches(x, self.mask_token, bool_masked_pos)
        x = torch.cat((self.cls_token.expand(x.shape[0], -1, -1), x), dim=1)
        positions = self.position_embeddings
        if interpolate_pos_encoding:
            positions = resized_positions(positions, pixel_values, self.patch_embeddings.patch_size, 1)
        else:
            self.patch_embeddings.check(pixel_values)
        return self.dropout(x + positions)


class ViTLayer(Block):
    def __init__(self, config):
        super().__init__()
        self.attention = VisionAttention(config, bias=config.qkv_bias)
        self.layernorm_before = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.layernorm_after = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.mlp = FeedForward(config)
        self.dropout = nn.Dropout(config.hidden_dropout_prob)

    def forward(self, x):
        before = x
        x = self.layernorm_before(x)
        x, weights = self.attention(x)
        x = self.dropout(x)
        x = x + before
        before = x
        x = self.layernorm_after(x)
        x = self.mlp(x)
        x = self.dropout(x)
        return x + before


class ViTPooler(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.dense = nn.Linear(config.hidden_size, config.pooler_output_size)
        self.activation = activation(config.pooler_act)

    def forward(self, x):
        return self.activation(self.dense(x[:, 0]))


class ViTModel(ImageModel):
    embeddings_class = ViTEmbeddings

    def __init__(self, config, pooling=True, masking=False):
        super().__init__(config)
        self.embeddings = self.embeddings_class(config, masking)
        self.layers = nn.ModuleList([ViTLayer(config) for _ in range(config.num_hidden_layers)])
        self.layernorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.pooler = ViTPooler(config) if pooling else None

    def forward(self, pixel_values=None, bool_masked_pos=None, interpolate_pos_encoding=False, **kwargs):
        pixel_values = pixel_values.to(self.embeddings.patch_embeddings.projection.weight.dtype)
        embedded = self.embeddings(pixel_values, bool_masked_pos, interpolate_pos_encoding)
        x = embedded
        for layer in self.layers:
            x = layer(x)
        x = self.layernorm(x)
        return Output(last_hidden_state=x, pooler_output=None if self.pooler is None else self.pooler(x))


class ViTForMaskedImageModeling(ImageModel):
    base, name, extra = ViTModel, "vit", 1

    def __init__(self, config):
        super().__init__(config)
        setattr(self, self.name, self.base(config, pooling=False, masking=True))
        channels = config.encoder_stride**2 * config.num_channels
        self.decoder = nn.Sequential(nn.Conv2d(config.hidden_size, channels, 1), nn.PixelShuffle(config.encoder_stride))

    def forward(self, pixel_values=None, bool_masked_pos=None, **kwargs):
        body = getattr(self, self.name)
        x = body(pixel_values, bool_masked_pos=bool_masked_pos, **kwargs).last_hidden_state[:, self.extra :]
        side = math.floor(x.shape[1] ** 0.5)
        image = self.decoder(x.permute(0, 2, 1).reshape(x.shape[0], x.shape[2], side, side))
        loss = None
        if bool_masked_pos is not None:
            patches = self.config.image_size // self.config.patch_size
            mask = bool_masked_pos.reshape(-1, patches, patches)
            for axis in (1, 2):
                mask = mask.repeat_interleave(self.config.patch_size, axis)
            mask = mask.unsqueeze(1).contiguous()
            difference = nn.functional.l1_loss(pixel_values, image, reduction="none")
            loss = (difference * mask).sum() / (mask.sum() + 1e-5) / self.config.num_channels
        return Output(loss=loss, reconstruction=image)


class ViTForImageClassification(ImageModel):
    base, name = ViTModel, "vit"

    def __init__(self, config):
        super().__init__(config)
        setattr(self, self.name, self.base(config, pooling=False))
        self.classifier = nn.Linear(config.hidden_size, config.num_labels) if config.num_labels > 0 else nn.Identity()

    def forward(self, pixel_values=None, labels=None, **kwargs):
        logits = self.classifier(getattr(self, self.name)(pixel_values, **kwargs).last_hidden_state[:, 0, :])
        loss = None if labels is None else classification_loss(logits, labels, self.config)
        return Output(loss=loss, logits=logits)
