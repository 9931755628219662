"""SegFormer: four stages of overlapping patches, whose attention reads a shrunken image, under a light head."""
import math

import torch
from torch import nn

from .parts.activations import activation
from .parts.attention import attend, split_heads
from .parts.block import Block
from .parts.config import Config
from .parts.depth import DropPath, rates
from .parts.heads import ImageModel
from .parts.losses import classification_loss
from .parts.masks import is_eager
from .parts.output import Output


class SegformerConfig(Config):
    model_type = "segformer"
    defaults = dict(
        num_channels=3,
        image_size=224,
        num_encoder_blocks=4,
        depths=[2, 2, 2, 2],
        sr_ratios=[8, 4, 2, 1],
        hidden_sizes=[32, 64, 160, 256],
        patch_sizes=[7, 3, 3, 3],
        strides=[4, 2, 2, 2],
        num_attention_heads=[1, 2, 5, 8],
        mlp_ratios=[4, 4, 4, 4],
        hidden_act="gelu",
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        classifier_dropout_prob=0.1,
        drop_path_rate=0.1,
        layer_norm_eps=1e-6,
        decoder_hidden_size=256,
        semantic_loss_ignore_index=255,
        reshape_last_stage=True,
    )


class SegformerPatchEmbeddings(nn.Module):
    def __init__(self, channels, size, patch, stride):
        super().__init__()
        self.proj = nn.Conv2d(channels, size, kernel_size=patch, stride=stride, padding=patch // 2)
        self.layer_norm = nn.LayerNorm(size)

    def forward(self, image):
        x = self.proj(image)
        height, width = x.shape[2:]
        x = x.flatten(2).transpose(1, 2)
        x = self.layer_norm(x)
        return x, height, width


class SegformerReduction(nn.Module):
    """Fewer tokens for keys and values, by a convolution."""

    def __init__(self, size, ratio):
        super().__init__()
        self.sequence_reduction = nn.Conv2d(size, size, kernel_size=ratio, stride=ratio)
        self.layer_norm = nn.LayerNorm(size)

    def forward(self, x, height, width):
        batch, _, size = x.shape
        x = x.transpose(1, 2).reshape(batch, size, height, width)
        x = self.sequence_reduction(x)
        x = x.reshape(batch, size, -1).transpose(1, 2)
        return self.layer_norm(x)


class SegformerAttention(nn.Module):
    def __init__(self, config, size, heads, ratio):
        super().__init__()
        self.config, self.ratio = config, ratio
        if size % heads != 0:
            raise ValueError(f"a stage's width {size} is not a multiple of its {heads} heads")
        self.head_dim = size // heads
        self.q_proj = nn.Linear(size, size)
        self.k_proj = nn.Linear(size, size)
        self.v_proj = nn.Linear(size, size)
        self.o_proj = nn.Linear(size, size)
        if ratio > 1:
            self.sequence_reduction = SegformerReduction(size, ratio)

    def forward(self, x, height, width):
        query = split_heads(self.q_proj(x), self.head_dim)
        source = self.sequence_reduction(x, height, width) if self.ratio > 1 else x
        key, value = split_heads(self.k_proj(source), self.head_dim), split_heads(self.v_proj(source), self.head_dim)
        dropout = self.config.attention_probs_dropout_prob if self.training else 0.0
        out, weights = attend(query, key, value, scale=self.head_dim**-0.5, dropout=dropout, eager=is_eager(self.config))
        out = out.reshape(*x.shape[:-1], -1)
        out = self.o_proj(out)
        return out, weights


class SegformerDepthWiseConv(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.dwconv = nn.Conv2d(size, size, 3, 1, 1, groups=size)

    def forward(self, x, height, width):
        x = x.transpose(1, 2).view(x.shape[0], x.shape[2], height, width)
        x = self.dwconv(x)
        return x.flatten(2).transpose(1, 2)


class SegformerMixMLP(nn.Module):
    def __init__(self, config, size, width):
        super().__init__()
        self.fc1 = nn.Linear(size, width)
        self.dwconv = SegformerDepthWiseConv(width)
        self.activation_fn = activation(config.hidden_act)
        self.fc2 = nn.Linear(width, size)
        self.dropout = nn.Dropout(config.hidden_dropout_prob)

    def forward(self, x, height, width):
        x = self.fc1(x)
        x = self.dwconv(x, height, width)
        x = self.activation_fn(x)
        x = self.dropout(x)
        x = self.fc2(x)
        return self.dropout(x)


class SegformerLayer(Block):
    def __init__(self, config, stage, rate):
        super().__init__()
        size = config.hidden_sizes[stage]
        self.layernorm_before = nn.LayerNorm(size)
        self.attention = SegformerAttention(config, size, config.num_attention_heads[stage], config.sr_ratios[stage])
        self.drop_path = DropPath(rate) if rate > 0.0 else nn.Identity()
        self.layernorm_after = nn.LayerNorm(size)
        self.mlp = SegformerMixMLP(config, size, int(size * config.mlp_ratios[stage]))
        self.hidden_dropout = nn.Dropout(config.hidden_dropout_prob)

    def forward(self, x, height, width):
        before = x
        x = self.layernorm_before(x)
        x, weights = self.attention(x, height, width)
        x = self.hidden_dropout(x)
        x = self.drop_path(x) + before
        before = x
        x = self.layernorm_after(x)
        x = self.mlp(x, height, width)
        return self.drop_path(x) + before


class SegformerStage(nn.Module):
    def __init__(self, config, stage):
        super().__init__()
        self.squares = stage < config.num_encoder_blocks - 1 or config.reshape_last_stage
        channels = config.num_channels if stage == 0 else config.hidden_sizes[stage - 1]
        size = config.hidden_sizes[stage]
        self.patch_embeddings = SegformerPatchEmbeddings(channels, size, config.patch_sizes[stage], config.strides[stage])
        start = sum(config.depths[:stage])
        own = rates(config)[start : start + config.depths[stage]]
        self.blocks = nn.ModuleList([SegformerLayer(config, stage, rate) for rate in own])
        self.layer_norm = nn.LayerNorm(size)

    def forward(self, x):
        x, height, width = self.patch_embeddings(x)
        for block in self.blocks:
            x = block(x, height, width)
        x = self.layer_norm(x)
        if self.squares:
            x = x.reshape(x.shape[0], height, width, -1).permute(0, 3, 1, 2).contiguous()
        return x


class SegformerModel(ImageModel):
    def __init__(self, config):
        super().__init__(config)
        self.stages = nn.ModuleList([SegformerStage(config, i) for i in range(config.num_encoder_blocks)])

    def forward(self, pixel_values=None, output_hidden_states=False, **kwargs):
        x = pixel_values
        states = () if output_hidden_states else None
        for stage in self.stages:
            x = stage(x)
            if output_hidden_states:
                states = states + (x,)
        return Output(last_hidden_state=x, hidden_states=states)


class SegformerForImageClassification(ImageModel):
    def __init__(self, config):
        super().__init__(config)
        self.segformer = SegformerModel(config)
        self.classifier = nn.Linear(config.hidden_sizes[-1], config.num_labels)

    def forward(self, pixel_values=None, labels=None, **kwargs):
        out = self.segformer(pixel_values)
        x = out.last_hidden_state
        if self.config.reshape_last_stage:
            x = x.permute(0, 2, 3, 1)
        x = x.reshape(x.shape[0], -1, self.config.hidden_sizes[-1])
        logits = self.classifier(x.mean(dim=1))
        loss = None if labels is None else classification_loss(logits, labels, self.config)
        return Output(loss=loss, logits=logits)


class SegformerMLP(nn.Module):
    def __init__(self, config, size):
        super().__init__()
        self.proj = nn.Linear(size, config.decoder_hidden_size)

    def forward(self, x):
        x = x.flatten(2).transpose(1, 2)
        return self.proj(x)


class SegformerDecodeHead(nn.Module):
    """All stages brought to one width and one size, and a class for each place."""

    def __init__(self, config):
        super().__init__()
        size, count = config.decoder_hidden_size, config.num_encoder_blocks
        self.linear_projections = nn.ModuleList([SegformerMLP(config, config.hidden_sizes[i]) for i in range(count)])
        self.linear_fuse = nn.Conv2d(size * count, size, kernel_size=1, bias=False)
        self.batch_norm = nn.BatchNorm2d(size)
        self.activation = nn.ReLU()
        self.dropout = nn.Dropout(config.classifier_dropout_prob)
        self.classifier = nn.Conv2d(size, config.num_labels, kernel_size=1)

    def forward(self, states):
        batch, size = states[-1].shape[0], states[0].size()[2:]
        together = ()
        for state, project in zip(states, self.linear_projections):
            if state.ndim == 3:
                side = int(math.sqrt(state.shape[-1]))
                state = state.reshape(batch, side, side, -1).permute(0, 3, 1, 2).contiguous()
            height, width = state.shape[2:]
            state = project(state)
            state = state.transpose(1, 2)
            state = state.reshape(batch, -1, height, width)
            state = nn.functional.interpolate(state, size=size, mode="bilinear", align_corners=False)
            together += (state,)
        x = self.linear_fuse(torch.cat(together[::-1], dim=1))
        x = self.batch_norm(x)
        x = self.activation(x)
        x = self.dropout(x)
        return self.classifier(x)


class SegformerForSemanticSegmentation(ImageModel):
    def __init__(self, config):
        super().__init__(config)
        self.segformer = SegformerModel(config)
        self.decode_head = SegformerDecodeHead(config)

    def targets(self):
        size = self.config.image_size
        return {"labels": f"int64[B, {size}, {size}]"}

    def forward(self, pixel_values=None, labels=None, **kwargs):
        out = self.segformer(pixel_values, output_hidden_states=True)
        logits = self.decode_head(out.hidden_states)
        loss, ignored = None, self.config.semantic_loss_ignore_index
        if labels is not None:
            larger = nn.functional.interpolate(logits, size=labels.shape[-2:], mode="bilinear", align_corners=False)
            if self.config.num_labels > 1:
                loss = nn.functional.cross_entropy(larger, labels, ignore_index=ignored)
            else:
                counted = ((labels >= 0) & (labels != ignored)).float()
                loss = nn.functional.binary_cross_entropy_with_logits(larger.squeeze(1), labels.float(), reduction="none")
                loss = (loss * counted).mean()
        return Output(loss=loss, logits=logits)
