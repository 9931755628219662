"""PVT: four stages of attention, whose keys and values come from an image made smaller."""
import math

import torch
from torch import nn

from .parts.activations import activation
from .parts.config import Config
from .parts.depth import DropPath, rates
from .parts.heads import ImageModel
from .parts.losses import classification_loss
from .parts.output import Output
from .parts.patches import pair


class PvtConfig(Config):
    model_type = "pvt"
    eager_only = True
    defaults = dict(
        image_size=224,
        num_channels=3,
        num_encoder_blocks=4,
        depths=[2, 2, 2, 2],
        sequence_reduction_ratios=[8, 4, 2, 1],
        hidden_sizes=[64, 128, 320, 512],
        patch_sizes=[4, 2, 2, 2],
        strides=[4, 2, 2, 2],
        num_attention_heads=[1, 2, 5, 8],
        mlp_ratios=[8, 8, 4, 4],
        hidden_act="gelu",
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        drop_path_rate=0.0,
        layer_norm_eps=1e-6,
        qkv_bias=True,
        num_labels=1000,
    )


class PvtPatchEmbeddings(nn.Module):
    """Patches with learned positions; the last stage's have a class token before them."""

    def __init__(self, config, stage):
        super().__init__()
        self.whole = config.image_size * config.image_size
        image = pair(config.image_size if stage == 0 else config.image_size // 2 ** (stage + 1))
        patch, size = pair(config.patch_sizes[stage]), config.hidden_sizes[stage]
        count = (image[0] // patch[0]) * (image[1] // patch[1])
        self.channels = config.num_channels if stage == 0 else config.hidden_sizes[stage - 1]
        last = stage == config.num_encoder_blocks - 1
        self.position_embeddings = nn.Parameter(torch.randn(1, count + 1 if last else count, size))
        self.cls_token = nn.Parameter(torch.zeros(1, 1, size)) if last else None
        self.projection = nn.Conv2d(self.channels, size, kernel_size=config.strides[stage], stride=patch)
        self.layer_norm = nn.LayerNorm(size, eps=config.layer_norm_eps)
        self.dropout = nn.Dropout(p=config.hidden_dropout_prob)

    def resized(self, places, height, width):
        if height * width == self.whole:
            return self.position_embeddings
        places = places.reshape(1, height, width, -1).permute(0, 3, 1, 2)
        places = nn.functional.interpolate(places, size=(height, width), mode="bilinear")
        return places.reshape(1, -1, height * width).permute(0, 2, 1)

    def forward(self, image):
        if image.shape[1] != self.channels:
            raise ValueError(f"the image has {image.shape[1]} channels, but num_channels is {self.channels}")
        patches = self.projection(image)
        height, width = patches.shape[2:]
        patches = patches.flatten(2).transpose(1, 2)
        x = self.layer_norm(patches)
        if self.cls_token is not None:
            x = torch.cat((self.cls_token.expand(x.shape[0], -1, -1), x), dim=1)
            places = self.resized(self.position_embeddings[:, 1:], height, width)
            places = torch.cat((self.position_embeddings[:, :1], places), dim=1)
        else:
            places = self.resized(self.position_embeddings, height, width)
        x = self.dropout(x + places)
        return x, height, width


class PvtSelfOutput(nn.Module):
    def __init__(self, config, size):
        super().__init__()
        self.dense = nn.Linear(size, size)
        self.dropout = nn.Dropout(config.hidden_dropout_prob)

    def forward(self, x):
        x = self.dense(x)
        return self.dropout(x)


class PvtSelfAttention(nn.Module):
    def __init__(self, config, stage):
        super().__init__()
        size, self.heads = config.hidden_sizes[stage], config.num_attention_heads[stage]
        if size % self.heads != 0:
            raise ValueError(f"a stage's width {size} is not a multiple of its {self.heads} heads")
        self.query = nn.Linear(size, size, bias=config.qkv_bias)
        self.key = nn.Linear(size, size, bias=config.qkv_bias)
        self.value = nn.Linear(size, size, bias=config.qkv_bias)
        self.dropout = nn.Dropout(config.attention_probs_dropout_prob)
        self.ratio = config.sequence_reduction_ratios[stage]
        if self.ratio > 1:
            self.sequence_reduction = nn.Conv2d(size, size, kernel_size=self.ratio, stride=self.ratio)
            self.layer_norm = nn.LayerNorm(size, eps=config.layer_norm_eps)

    def split(self, x):
        return x.view(*x.shape[:-1], self.heads, -1).permute(0, 2, 1, 3)

    def forward(self, x, height, width):
        query = self.split(self.query(x))
        if self.ratio > 1:
            batch, _, size = x.shape
            x = x.permute(0, 2, 1).reshape(batch, size, height, width)
            x = self.sequence_reduction(x)
            x = x.reshape(batch, size, -1).permute(0, 2, 1)
            x = self.layer_norm(x)
        key, value = self.split(self.key(x)), self.split(self.value(x))
        scores = torch.matmul(query, key.transpose(-1, -2))
        scores = scores / math.sqrt(query.shape[-1])
        weights = nn.functional.softmax(scores, dim=-1)
        weights = self.dropout(weights)
        out = torch.matmul(weights, value)
        out = out.permute(0, 2, 1, 3).contiguous()
        return out.view(*out.shape[:-2], -1)


class PvtAttention(nn.Module):
    def __init__(self, config, stage):
        super().__init__()
        self.self = PvtSelfAttention(config, stage)
        self.output = PvtSelfOutput(config, config.hidden_sizes[stage])

    def forward(self, x, height, width):
        out = self.self(x, height, width)
        return self.output(out)


class PvtFFN(nn.Module):
    def __init__(self, config, size, width):
        super().__init__()
        self.dense1 = nn.Linear(size, width)
        self.intermediate_act_fn = activation(config.hidden_act)
        self.dense2 = nn.Linear(width, size)
        self.dropout = nn.Dropout(config.hidden_dropout_prob)

    def forward(self, x):
        x = self.dense1(x)
        x = self.intermediate_act_fn(x)
        x = self.dropout(x)
        x = self.dense2(x)
        return self.dropout(x)


class PvtLayer(nn.Module):
    def __init__(self, config, stage, rate):
        super().__init__()
        size = config.hidden_sizes[stage]
        self.layer_norm_1 = nn.LayerNorm(size, eps=config.layer_norm_eps)
        self.attention = PvtAttention(config, stage)
        self.drop_path = DropPath(rate) if rate > 0.0 else nn.Identity()
        self.layer_norm_2 = nn.LayerNorm(size, eps=config.layer_norm_eps)
        self.mlp = PvtFFN(config, size, int(size * config.mlp_ratios[stage]))

    def forward(self, x, height, width):
        attended = self.attention(self.layer_norm_1(x), height, width)
        kept = self.drop_path(attended)
        x = kept + x
        fed = self.mlp(self.layer_norm_2(x))
        fed = self.drop_path(fed)
        return x + fed


class PvtEncoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        stages = range(config.num_encoder_blocks)
        self.patch_embeddings = nn.ModuleList([PvtPatchEmbeddings(config, i) for i in stages])
        left = iter(rates(config))
        self.block = nn.ModuleList(
            [nn.ModuleList([PvtLayer(config, i, next(left)) for _ in range(config.depths[i])]) for i in stages]
        )
        self.layer_norm = nn.LayerNorm(config.hidden_sizes[-1], eps=config.layer_norm_eps)

    def forward(self, image):
        x = image
        for i, (embed, layers) in enumerate(zip(self.patch_embeddings, self.block)):
            x, height, width = embed(x)
            for layer in layers:
                out = layer(x, height, width)
                x = out
            if i != len(self.block) - 1:
                x = x.reshape(image.shape[0], height, width, -1).permute(0, 3, 1, 2).contiguous()
        return self.layer_norm(x)


class PvtModel(ImageModel):
    def __init__(self, config):
        super().__init__(config)
        self.encoder = PvtEncoder(config)

    def forward(self, pixel_values=None, **kwargs):
        return Output(last_hidden_state=self.encoder(pixel_values))


class PvtForImageClassification(ImageModel):
    def __init__(self, config):
        super().__init__(config)
        self.pvt = PvtModel(config)
        self.classifier = nn.Linear(config.hidden_sizes[-1], config.num_labels) if config.num_labels > 0 else nn.Identity()

    def forward(self, pixel_values=None, labels=None, **kwargs):
        out = self.pvt(pixel_values)
        logits = self.classifier(out.last_hidden_state[:, 0, :])
        loss = None if labels is None else classification_loss(logits, labels, self.config)
        return Output(loss=loss, logits=logits)
