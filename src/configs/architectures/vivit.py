"""ViViT: a ViT over blocks of several frames."""
import torch
from torch import nn

from .parts.losses import classification_loss
from .parts.output import Output
from .parts.patches import check_axes, pair
from .videomae import VideoModel
from .vit import ViTConfig, ViTLayer, ViTPooler


class VivitConfig(ViTConfig):
    model_type = "vivit"
    defaults = dict(
        image_size=224,
        num_frames=32,
        tubelet_size=[2, 16, 16],
        num_channels=3,
        hidden_size=768,
        num_hidden_layers=12,
        num_attention_heads=12,
        intermediate_size=3072,
        hidden_act="gelu_fast",
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        layer_norm_eps=1e-6,
        qkv_bias=True,
        pooler_act="tanh",
    )


class VivitPatchEmbeddings(nn.Module):
    """`[B, frames, C, H, W]` → `[B, blocks, hidden]`."""

    def __init__(self, config):
        super().__init__()
        block, self.image_size = tuple(config.tubelet_size), pair(config.image_size)
        height, width = self.image_size
        self.num_patches = (config.num_frames // block[0]) * (height // block[1]) * (width // block[2])
        self.projection = nn.Conv3d(config.num_channels, config.hidden_size, kernel_size=block, stride=block)

    def forward(self, video):
        check_axes("pixel_values", video, "batch, frames, channels, height, width")
        return self.projection(video.transpose(1, 2)).flatten(2).transpose(1, 2)


class VivitEmbeddings(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, config.hidden_size))
        self.patch_embeddings = VivitPatchEmbeddings(config)
        count = self.patch_embeddings.num_patches + 1
        self.position_embeddings = nn.Parameter(torch.zeros(1, count, config.hidden_size))
        self.dropout = nn.Dropout(config.hidden_dropout_prob)

    def forward(self, video):
        x = self.patch_embeddings(video)
        x = torch.cat((self.cls_token.expand(x.shape[0], -1, -1), x), dim=1)
        size, expected = tuple(video.shape[-2:]), self.patch_embeddings.image_size
        if size != expected:
            raise ValueError(f"the frames are {size[0]}×{size[1]}, but image_size is {expected[0]}×{expected[1]}")
        x = x + self.position_embeddings
        return self.dropout(x)


class VivitModel(VideoModel):
    def __init__(self, config, pooling=True):
        super().__init__(config)
        self.embeddings = VivitEmbeddings(config)
        self.layers = nn.ModuleList([ViTLayer(config) for _ in range(config.num_hidden_layers)])
        self.layernorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.pooler = ViTPooler(config) if pooling else None

    def forward(self, pixel_values=None, **kwargs):
        embedded = self.embeddings(pixel_values)
        x = embedded
        for layer in self.layers:
            x = layer(x)
        x = self.layernorm(x)
        return Output(last_hidden_state=x, pooler_output=None if self.pooler is None else self.pooler(x))


class VivitForVideoClassification(VideoModel):
    def __init__(self, config):
        super().__init__(config)
        self.vivit = VivitModel(config, pooling=False)
        self.classifier = nn.Linear(config.hidden_size, config.num_labels) if config.num_labels > 0 else nn.Identity()

    def forward(self, pixel_values=None, labels=None, **kwargs):
        out = self.vivit(pixel_values)
        logits = self.classifier(out.last_hidden_state[:, 0, :])
        loss = None if labels is None else classification_loss(logits, labels, self.config)
        return Output(loss=loss, logits=logits)
