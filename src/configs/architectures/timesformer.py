"""TimeSformer: in each layer a patch looks at its own place in all frames, then at all places of its frame."""
import torch
from torch import nn

from .parts.activations import activation
from .parts.block import Block
from .parts.config import Config
from .parts.dense import Dense
from .parts.depth import DropPath, rates
from .parts.losses import classification_loss
from .parts.output import Output
from .parts.patches import check_axes, pair
from .videomae import VideoModel


class TimesformerConfig(Config):
    model_type = "timesformer"
    defaults = dict(
        image_size=224,
        patch_size=16,
        num_channels=3,
        num_frames=8,
        hidden_size=768,
        num_hidden_layers=12,
        num_attention_heads=12,
        intermediate_size=3072,
        hidden_act="gelu",
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        layer_norm_eps=1e-6,
        qkv_bias=True,
        attention_type="divided_space_time",
        drop_path_rate=0,
    )

    def complete(self, given):
        kinds = ("divided_space_time", "space_only", "joint_space_time")
        if self.attention_type not in kinds:
            raise ValueError(f"attention_type {self.attention_type!r} is none of {', '.join(kinds)}")


class TimesformerPatchEmbeddings(nn.Module):
    """`[B, frames, C, H, W]` → `[B · frames, patches, hidden]`."""

    def __init__(self, config):
        super().__init__()
        image, patch = pair(config.image_size), pair(config.patch_size)
        self.num_patches = (image[0] // patch[0]) * (image[1] // patch[1])
        self.projection = nn.Conv2d(config.num_channels, config.hidden_size, kernel_size=patch, stride=patch)

    def forward(self, video):
        check_axes("pixel_values", video, "batch, frames, channels, height, width")
        x = self.projection(video.reshape(-1, *video.shape[2:]))
        width = x.shape[-1]
        return x.flatten(2).transpose(1, 2), width


class TimesformerEmbeddings(nn.Module):
    def __init__(self, config):
        super().__init__()
        size = config.hidden_size
        self.timed = config.attention_type != "space_only"
        self.patch_embeddings = TimesformerPatchEmbeddings(config)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, size))
        self.position_embeddings = nn.Parameter(torch.zeros(1, self.patch_embeddings.num_patches + 1, size))
        self.pos_drop = nn.Dropout(config.hidden_dropout_prob)
        if self.timed:
            self.time_embeddings = nn.Parameter(torch.zeros(1, config.num_frames, size))
            self.time_drop = nn.Dropout(config.hidden_dropout_prob)

    def places(self, count, width):
        """Learned positions, stretched to another image size."""
        places = self.position_embeddings
        if count == places.shape[1]:
            return places
        side = int((places.shape[1] - 1) ** 0.5)
        grid = places[0, 1:, :].unsqueeze(0).transpose(1, 2).reshape(1, places.shape[2], side, side)
        grid = nn.functional.interpolate(grid, size=(count // width, width), mode="nearest")
        return torch.cat((places[0, 0, :].unsqueeze(0).unsqueeze(1), grid.flatten(2).transpose(1, 2)), 1)

    def times(self, frames):
        times = self.time_embeddings
        if frames == times.shape[1]:
            return times
        return nn.functional.interpolate(times.transpose(1, 2), size=frames, mode="nearest").transpose(1, 2)

    def forward(self, video):
        batch, frames = video.shape[:2]
        x, width = self.patch_embeddings(video)
        x = torch.cat((self.cls_token.expand(x.shape[0], -1, -1), x), dim=1)
        x = x + self.places(x.shape[1], width)
        x = self.pos_drop(x)
        if not self.timed:
            return x
        first = x[:batch, 0, :].unsqueeze(1)
        x = x[:, 1:]
        _, count, size = x.shape
        x = x.reshape(batch, frames, count, size).permute(0, 2, 1, 3).reshape(batch * count, frames, size)
        x = x + self.times(frames)
        x = self.time_drop(x)
        x = x.view(batch, count, frames, size).reshape(batch, count * frames, size)
        return torch.cat((first, x), dim=1)


class TimesformerSelfAttention(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.heads = config.num_attention_heads
        self.scale = (config.hidden_size // self.heads) ** -0.5
        self.qkv = nn.Linear(config.hidden_size, config.hidden_size * 3, bias=config.qkv_bias)
        self.attn_drop = nn.Dropout(config.attention_probs_dropout_prob)

    def forward(self, x):
        batch, length, size = x.shape
        joined = self.qkv(x).reshape(batch, length, 3, self.heads, size // self.heads).permute(2, 0, 3, 1, 4)
        query, key, value = joined[0], joined[1], joined[2]
        weights = (query @ key.transpose(-2, -1)) * self.scale
        weights = weights.softmax(dim=-1)
        weights = self.attn_drop(weights)
        return (weights @ value).transpose(1, 2).reshape(batch, length, size)


class TimesformerAttention(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.attention = TimesformerSelfAttention(config)
        self.output = Dense(config.hidden_size, config.hidden_size, config.hidden_dropout_prob)

    def forward(self, x):
        out = self.attention(x)
        return self.output(out)


class TimesformerIntermediate(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.dense = nn.Linear(config.hidden_size, config.intermediate_size)
        self.dropout = nn.Dropout(config.hidden_dropout_prob)
        self.intermediate_act_fn = activation(config.hidden_act)

    def forward(self, x):
        x = self.dense(x)
        x = self.intermediate_act_fn(x)
        return self.dropout(x)


class TimesformerLayer(Block):
    """Attention over time and then over space; the class token, which each frame has, becomes the mean over them."""

    def __init__(self, config, rate):
        super().__init__()
        size, eps = config.hidden_size, config.layer_norm_eps
        self.config = config
        self.drop_path = DropPath(rate) if rate > 0.0 else nn.Identity()
        self.attention = TimesformerAttention(config)
        self.intermediate = TimesformerIntermediate(config)
        self.output = Dense(config.intermediate_size, config.hidden_size, config.hidden_dropout_prob)
        self.layernorm_before = nn.LayerNorm(size, eps=eps)
        self.layernorm_after = nn.LayerNorm(size, eps=eps)
        self.divided = config.attention_type == "divided_space_time"
        if self.divided:
            self.temporal_layernorm = nn.LayerNorm(size, eps=eps)
            self.temporal_attention = TimesformerAttention(config)
            self.temporal_dense = nn.Linear(size, size)

    def forward(self, x):
        if not self.divided:
            out = self.attention(self.layernorm_before(x))
            x = x + self.drop_path(out)
            return self.fed(x)
        batch, size = x.shape[0], x.shape[2]
        frames, width = self.config.num_frames, self.config.image_size // self.config.patch_size
        height = (x.shape[1] - 1) // frames // width
        timed = x[:, 1:, :].reshape(batch * height * width, frames, size)
        over_time = self.temporal_attention(self.temporal_layernorm(timed))
        residual = self.drop_path(over_time).reshape(batch, height * width * frames, size)
        residual = self.temporal_dense(residual)
        timed = x[:, 1:, :] + residual
        first = x[:, 0, :].unsqueeze(1)
        token = first.repeat(1, frames, 1)
        token = token.reshape(batch * frames, 1, size)
        spaced = timed.reshape(batch, height, width, frames, size).permute(0, 3, 1, 2, 4)
        spaced = spaced.reshape(batch * frames, height * width, size)
        spaced = torch.cat((token, spaced), 1)
        over_space = self.attention(self.layernorm_before(spaced))
        out = self.drop_path(over_space)
        token = out[:, 0, :]
        token = token.reshape(batch, frames, size)
        token = torch.mean(token, 1, True)
        out = out[:, 1:, :].reshape(batch, frames, height, width, size).permute(0, 2, 3, 1, 4)
        out = out.reshape(batch, height * width * frames, size)
        x = torch.cat((first, timed), 1) + torch.cat((token, out), 1)
        return self.fed(x)

    def fed(self, x):
        inner = self.layernorm_after(x)
        inner = self.intermediate(inner)
        inner = self.output(inner)
        return x + self.drop_path(inner)


class TimesformerEncoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        own = rates(config, config.num_hidden_layers)
        self.layer = nn.ModuleList([TimesformerLayer(config, rate) for rate in own])

    def forward(self, x):
        for layer in self.layer:
            x = layer(x)
        return x


class TimesformerModel(VideoModel):
    def __init__(self, config):
        super().__init__(config)
        self.embeddings = TimesformerEmbeddings(config)
        self.encoder = TimesformerEncoder(config)
        self.layernorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)

    def forward(self, pixel_values=None, **kwargs):
        embedded = self.embeddings(pixel_values)
        x = self.encoder(embedded)
        x = self.layernorm(x)
        return Output(last_hidden_state=x)


class TimesformerForVideoClassification(VideoModel):
    def __init__(self, config):
        super().__init__(config)
        self.timesformer = TimesformerModel(config)
        self.classifier = nn.Linear(config.hidden_size, config.num_labels) if config.num_labels > 0 else nn.Identity()

    def forward(self, pixel_values=None, labels=None, **kwargs):
        out = self.timesformer(pixel_values)
        logits = self.classifier(out.last_hidden_state[:, 0])
        loss = None if labels is None else classification_loss(logits, labels, self.config)
        return Output(loss=loss, logits=logits)
