"""PVT v2: PVT with patches that overlap, no positions, and a convolution in the feed-forward."""
import math

import torch
from torch import nn

from .parts.activations import activation
from .parts.block import Block
from .parts.config import Config
from .parts.depth import DropPath, rates
from .parts.heads import ImageModel
from .parts.losses import classification_loss
from .parts.output import Output
from .parts.patches import pair
from .segformer import SegformerDepthWiseConv


class PvtV2Config(Config):
    model_type = "pvt_v2"
    eager_only = True
    defaults = dict(
        image_size=224,
        num_channels=3,
        num_encoder_blocks=4,
        depths=[2, 2, 2, 2],
        sr_ratios=[8, 4, 2, 1],
        hidden_sizes=[32, 64, 160, 256],
        patch_sizes=[7, 3, 3, 3],
        strides=[4, 2, 2, 2],
        num_attention_heads=[1, 2, 5, 8],
        mlp_ratios=[8, 8, 4, 4],
        hidden_act="gelu",
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        drop_path_rate=0.0,
        layer_norm_eps=1e-6,
        qkv_bias=True,
        linear_attention=False,
    )


class PvtV2PatchEmbeddings(nn.Module):
    def __init__(self, config, stage):
        super().__init__()
        patch, size = pair(config.patch_sizes[stage]), config.hidden_sizes[stage]
        channels = config.num_channels if stage == 0 else config.hidden_sizes[stage - 1]
        padding = (patch[0] // 2, patch[1] // 2)
        self.proj = nn.Conv2d(channels, size, kernel_size=patch, stride=config.strides[stage], padding=padding)
        self.layer_norm = nn.LayerNorm(size, eps=config.layer_norm_eps)

    def forward(self, image):
        x = self.proj(image)
        height, width = x.shape[2:]
        x = x.flatten(2).transpose(1, 2)
        x = self.layer_norm(x)
        return x, height, width


class PvtV2SelfAttention(nn.Module):
    """Keys and values come from a smaller image: by a convolution, or with linear attention from 7 × 7 means."""

    def __init__(self, config, stage):
        super().__init__()
        size, self.heads = config.hidden_sizes[stage], config.num_attention_heads[stage]
        if size % self.heads != 0:
            raise ValueError(f"a stage's width {size} is not a multiple of its {self.heads} heads")
        self.linear, ratio = config.linear_attention, config.sr_ratios[stage]
        self.query = nn.Linear(size, size, bias=config.qkv_bias)
        self.key = nn.Linear(size, size, bias=config.qkv_bias)
        self.value = nn.Linear(size, size, bias=config.qkv_bias)
        self.attn_drop = nn.Dropout(config.attention_probs_dropout_prob)
        self.proj = nn.Linear(size, size)
        self.proj_drop = nn.Dropout(config.hidden_dropout_prob)
        self.reduces = self.linear or ratio > 1
        if self.linear:
            self.pool, ratio = nn.AdaptiveAvgPool2d(7), 1
        if self.reduces:
            self.spatial_reduction = nn.Conv2d(size, size, kernel_size=ratio, stride=ratio)
            self.layer_norm = nn.LayerNorm(size, eps=config.layer_norm_eps)
        if self.linear:
            self.act = nn.GELU()

    def split(self, x):
        return x.view(*x.shape[:-1], self.heads, -1).permute(0, 2, 1, 3)

    def forward(self, x, height, width):
        batch, length, size = x.shape
        query = self.split(self.query(x))
        if self.reduces:
            x = x.permute(0, 2, 1).reshape(batch, size, height, width)
            x = self.spatial_reduction(self.pool(x) if self.linear else x).reshape(batch, size, -1).permute(0, 2, 1)
            x = self.act(self.layer_norm(x)) if self.linear else self.layer_norm(x)
        key, value = self.split(self.key(x)), self.split(self.value(x))
        scores = torch.matmul(query, key.transpose(-1, -2))
        scores = scores / math.sqrt(size // self.heads)
        weights = nn.functional.softmax(scores, dim=-1)
        weights = self.attn_drop(weights)
        out = (weights @ value).transpose(1, 2).reshape(batch, length, size)
        out = self.proj(out)
        return self.proj_drop(out)


class PvtV2FeedForward(nn.Module):
    def __init__(self, config, size, width):
        super().__init__()
        self.dense1 = nn.Linear(size, width)
        self.dwconv = SegformerDepthWiseConv(width)
        self.intermediate_act_fn = activation(config.hidden_act)
        self.dense2 = nn.Linear(width, size)
        self.dropout = nn.Dropout(config.hidden_dropout_prob)
        self.relu = nn.ReLU() if config.linear_attention else nn.Identity()

    def forward(self, x, height, width):
        x = self.dense1(x)
        x = self.relu(x)
        x = self.dwconv(x, height, width)
        x = self.intermediate_act_fn(x)
        x = self.dropout(x)
        x = self.dense2(x)
        return self.dropout(x)


class PvtV2BlockLayer(nn.Module):
    def __init__(self, config, stage, rate):
        super().__init__()
        size = config.hidden_sizes[stage]
        self.layer_norm_1 = nn.LayerNorm(size, eps=config.layer_norm_eps)
        self.attention = PvtV2SelfAttention(config, stage)
        self.drop_path = DropPath(rate) if rate > 0.0 else nn.Identity()
        self.layer_norm_2 = nn.LayerNorm(size, eps=config.layer_norm_eps)
        self.mlp = PvtV2FeedForward(config, size, int(size * config.mlp_ratios[stage]))

    def forward(self, x, height, width):
        attended = self.attention(self.layer_norm_1(x), height, width)
        kept = self.drop_path(attended)
        x = kept + x
        fed = self.mlp(self.layer_norm_2(x), height, width)
        fed = self.drop_path(fed)
        return x + fed


class PvtV2EncoderLayer(Block):
    def __init__(self, config, stage):
        super().__init__()
        self.patch_embedding = PvtV2PatchEmbeddings(config, stage)
        start = sum(config.depths[:stage])
        own = rates(config)[start : start + config.depths[stage]]
        self.blocks = nn.ModuleList([PvtV2BlockLayer(config, stage, rate) for rate in own])
        self.layer_norm = nn.LayerNorm(config.hidden_sizes[stage], eps=config.layer_norm_eps)

    def forward(self, x):
        x, height, width = self.patch_embedding(x)
        for block in self.blocks:
            out = block(x, height, width)
            x = out
        return self.layer_norm(x), height, width


class PvtV2Encoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.layers = nn.ModuleList([PvtV2EncoderLayer(config, i) for i in range(config.num_encoder_blocks)])

    def forward(self, image):
        x = image
        for layer in self.layers:
            out, height, width = layer(x)
            x = out.reshape(image.shape[0], height, width, -1).permute(0, 3, 1, 2).contiguous()
        return x


class PvtV2Model(ImageModel):
    def __init__(self, config):
        super().__init__(config)
        self.encoder = PvtV2Encoder(config)

    def forward(self, pixel_values=None, **kwargs):
        return Output(last_hidden_state=self.encoder(pixel_values))


class PvtV2ForImageClassification(ImageModel):
    def __init__(self, config):
        super().__init__(config)
        self.pvt_v2 = PvtV2Model(config)
        self.classifier = nn.Linear(config.hidden_sizes[-1], config.num_labels) if config.num_labels > 0 else nn.Identity()

    def forward(self, pixel_values=None, labels=None, **kwargs):
        out = self.pvt_v2(pixel_values)
        x = out.last_hidden_state.permute(0, 2, 3, 1)
        x = x.reshape(x.shape[0], -1, self.config.hidden_sizes[-1])
        logits = self.classifier(x.mean(dim=1))
        loss = None if labels is None else classification_loss(logits, labels, self.config)
        return Output(loss=loss, logits=logits)
