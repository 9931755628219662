"""FocalNet: each patch weighs what convolutions of growing reach gathered around it, in place of attention."""
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
from .parts.patches import masked_patches, pair


class FocalNetConfig(Config):
    model_type = "focalnet"
    defaults = dict(
        image_size=224,
        patch_size=4,
        num_channels=3,
        embed_dim=96,
        use_conv_embed=False,
        hidden_sizes=[192, 384, 768, 768],
        depths=[2, 2, 6, 2],
        focal_levels=[2, 2, 2, 2],
        focal_windows=[3, 3, 3, 3],
        hidden_act="gelu",
        mlp_ratio=4.0,
        hidden_dropout_prob=0.0,
        drop_path_rate=0.1,
        use_layerscale=False,
        layerscale_value=1e-4,
        use_post_layernorm=False,
        use_post_layernorm_in_modulation=False,
        normalize_modulator=False,
        layer_norm_eps=1e-5,
        encoder_stride=32,
    )

    def width(self, stage):
        return self.embed_dim * 2**stage


class FocalNetPatchEmbeddings(nn.Module):
    """Patches and their grid; between the stages with a norm."""

    def __init__(self, config, channels, size, patch, stem):
        super().__init__()
        self.patch_size, self.channels = pair(patch), channels
        if config.use_conv_embed:
            kernel, stride, padding = (7, 4, 2) if stem else (3, 2, 1)
            self.projection = nn.Conv2d(channels, size, kernel_size=kernel, stride=stride, padding=padding)
        else:
            self.projection = nn.Conv2d(channels, size, kernel_size=self.patch_size, stride=self.patch_size)
        self.norm = None if stem else nn.LayerNorm(size, eps=config.layer_norm_eps)

    def forward(self, x):
        if x.shape[1] != self.channels:
            raise ValueError(f"the image has {x.shape[1]} channels, but num_channels is {self.channels}")
        height, width = x.shape[2:]
        if width % self.patch_size[1] != 0:
            x = nn.functional.pad(x, (0, self.patch_size[1] - width % self.patch_size[1]))
        if height % self.patch_size[0] != 0:
            x = nn.functional.pad(x, (0, 0, 0, self.patch_size[0] - height % self.patch_size[0]))
        x = self.projection(x)
        grid = (x.shape[2], x.shape[3])
        x = x.flatten(2).transpose(1, 2)
        if self.norm is not None:
            x = self.norm(x)
        return x, grid


class FocalNetEmbeddings(nn.Module):
    def __init__(self, config, masking):
        super().__init__()
        self.patch_embeddings = FocalNetPatchEmbeddings(config, config.num_channels, config.embed_dim, config.patch_size, True)
        self.mask_token = nn.Parameter(torch.zeros(1, 1, config.embed_dim)) if masking else None
        self.norm = nn.LayerNorm(config.embed_dim, eps=config.layer_norm_eps)
        self.dropout = nn.Dropout(config.hidden_dropout_prob)

    def forward(self, pixel_values, bool_masked_pos=None):
        x, grid = self.patch_embeddings(pixel_values)
        x = self.norm(x)
        if bool_masked_pos is not None:
            x = masked_patches(x, self.mask_token, bool_masked_pos)
        return self.dropout(x), grid


class FocalNetModulation(nn.Module):
    def __init__(self, config, index, size):
        super().__init__()
        self.levels, self.normalizes = config.focal_levels[index], config.normalize_modulator
        self.projection_in = nn.Linear(size, 2 * size + (self.levels + 1))
        self.projection_context = nn.Conv2d(size, size, kernel_size=1)
        self.activation = nn.GELU()
        self.projection_out = nn.Linear(size, size)
        self.projection_dropout = nn.Dropout(config.hidden_dropout_prob)
        kernels = [2 * level + config.focal_windows[index] for level in range(self.levels)]
        self.focal_layers = nn.ModuleList([self.reach(size, kernel) for kernel in kernels])
        self.layernorm = nn.LayerNorm(size, eps=config.layer_norm_eps) if config.use_post_layernorm_in_modulation else None

    def reach(self, size, kernel):
        return nn.Sequential(nn.Conv2d(size, size, kernel, groups=size, padding=kernel // 2, bias=False), nn.GELU())

    def forward(self, x):
        size = x.shape[-1]
        joined = self.projection_in(x).permute(0, 3, 1, 2).contiguous()
        query, context, gates = torch.split(joined, (size, size, self.levels + 1), 1)
        gathered = 0
        for level in range(self.levels):
            context = self.focal_layers[level](context)
            gathered = gathered + context * gates[:, level : level + 1]
        whole = self.activation(context.mean(2, keepdim=True).mean(3, keepdim=True))
        gathered = gathered + whole * gates[:, self.levels :]
        if self.normalizes:
            gathered = gathered / (self.levels + 1)
        modulator = self.projection_context(gathered)
        out = query * modulator
        out = out.permute(0, 2, 3, 1).contiguous()
        if self.layernorm is not None:
            out = self.layernorm(out)
        out = self.projection_out(out)
        return self.projection_dropout(out)


class FocalNetMlp(nn.Module):
    def __init__(self, config, size):
        super().__init__()
        width = int(size * config.mlp_ratio)
        self.fc1 = nn.Linear(size, width)
        self.activation = activation(config.hidden_act)
        self.fc2 = nn.Linear(width, size)
        self.drop = nn.Dropout(config.hidden_dropout_prob)

    def forward(self, x):
        x = self.fc1(x)
        x = self.activation(x)
        x = self.drop(x)
        x = self.fc2(x)
        return self.drop(x)


class FocalNetLayer(nn.Module):
    def __init__(self, config, index, rate):
        super().__init__()
        size = config.width(index)
        self.post = config.use_post_layernorm
        self.norm1 = nn.LayerNorm(size, eps=config.layer_norm_eps)
        self.modulation = FocalNetModulation(config, index, size)
        self.drop_path = DropPath(rate) if rate > 0.0 else nn.Identity()
        self.norm2 = nn.LayerNorm(size, eps=config.layer_norm_eps)
        self.mlp = FocalNetMlp(config, size)
        self.gamma_1, self.gamma_2 = 1.0, 1.0
        if config.use_layerscale:
            self.gamma_1 = nn.Parameter(config.layerscale_value * torch.ones(size))
            self.gamma_2 = nn.Parameter(config.layerscale_value * torch.ones(size))

    def forward(self, x, grid):
        batch, _, size = x.shape
        before = x
        x = x if self.post else self.norm1(x)
        x = x.view(batch, *grid, size)
        x = self.modulation(x).view(batch, grid[0] * grid[1], size)
        x = self.norm1(x) if self.post else x
        x = before + self.drop_path(self.gamma_1 * x)
        return x + self.drop_path(self.gamma_2 * (self.norm2(self.mlp(x)) if self.post else self.mlp(self.norm2(x))))


class FocalNetStage(Block):
    """Layers, and but for the last stage a step to half the grid; it hands back what came before that step as well."""

    def __init__(self, config, index):
        super().__init__()
        start = sum(config.depths[:index])
        own = rates(config)[start : start + config.depths[index]]
        self.layers = nn.ModuleList([FocalNetLayer(config, index, rate) for rate in own])
        self.downsample = None
        if index + 1 < len(config.depths):
            self.downsample = FocalNetPatchEmbeddings(config, config.width(index), config.width(index + 1), 2, False)

    def forward(self, x, grid):
        for layer in self.layers:
            x = layer(x, grid)
        before = x
        if self.downsample is not None:
            x = x.transpose(1, 2).reshape(before.shape[0], -1, *grid)
            x, grid = self.downsample(x)
        return x, before, grid


class FocalNetEncoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.stages = nn.ModuleList([FocalNetStage(config, i) for i in range(len(config.depths))])

    def forward(self, x, grid):
        for stage in self.stages:
            x, before, grid = stage(x, grid)
        return x


class FocalNetModel(ImageModel):
    def __init__(self, config, pooling=True, masking=False):
        super().__init__(config)
        self.embeddings = FocalNetEmbeddings(config, masking)
        self.encoder = FocalNetEncoder(config)
        self.layernorm = nn.LayerNorm(config.width(len(config.depths) - 1), eps=config.layer_norm_eps)
        self.pooler = nn.AdaptiveAvgPool1d(1) if pooling else None

    def forward(self, pixel_values=None, bool_masked_pos=None, **kwargs):
        embedded, grid = self.embeddings(pixel_values, bool_masked_pos)
        encoded = self.encoder(embedded, grid)
        x = self.layernorm(encoded)
        pooled = None if self.pooler is None else torch.flatten(self.pooler(x.transpose(1, 2)), 1)
        return Output(last_hidden_state=x, pooler_output=pooled)


class FocalNetForMaskedImageModeling(ImageModel):
    def __init__(self, config):
        super().__init__(config)
        self.focalnet = FocalNetModel(config, pooling=False, masking=True)
        channels = config.encoder_stride**2 * config.num_channels
        last = nn.Conv2d(config.width(len(config.depths) - 1), channels, kernel_size=1)
        self.decoder = nn.Sequential(last, nn.PixelShuffle(config.encoder_stride))

    def forward(self, pixel_values=None, bool_masked_pos=None, **kwargs):
        x = self.focalnet(pixel_values, bool_masked_pos).last_hidden_state.transpose(1, 2)
        side = math.floor(x.shape[2] ** 0.5)
        image = self.decoder(x.reshape(x.shape[0], x.shape[1], side, side))
        loss = None
        if bool_masked_pos is not None:
            patch = self.config.patch_size
            mask = bool_masked_pos.reshape(-1, *[self.config.image_size // patch] * 2)
            mask = mask.repeat_interleave(patch, 1).repeat_interleave(patch, 2).unsqueeze(1).contiguous()
            difference = nn.functional.l1_loss(pixel_values, image, reduction="none")
            loss = (difference * mask).sum() / (mask.sum() + 1e-5) / self.config.num_channels
        return Output(loss=loss, reconstruction=image)


class FocalNetForImageClassification(ImageModel):
    def __init__(self, config):
        super().__init__(config)
        self.focalnet = FocalNetModel(config)
        size = config.width(len(config.depths) - 1)
        self.classifier = nn.Linear(size, config.num_labels) if config.num_labels > 0 else nn.Identity()

    def forward(self, pixel_values=None, labels=None, **kwargs):
        out = self.focalnet(pixel_values)
        logits = self.classifier(out.pooler_output)
        loss = None if labels is None else classification_loss(logits, labels, self.config)
        return Output(loss=loss, logits=logits)
