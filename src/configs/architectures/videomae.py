"""VideoMAE: a ViT over short stacks of frames cut into patches, with fixed positions."""
import torch
from torch import nn

from .dinov2 import Dinov2Attention
from .parts.activations import activation
from .parts.block import Block
from .parts.config import Config
from .parts.heads import Model
from .parts.losses import classification_loss
from .parts.output import Output
from .parts.patches import pair


class VideoMAEConfig(Config):
    model_type = "videomae"
    whole_heads = True
    defaults = dict(
        image_size=224,
        patch_size=16,
        num_channels=3,
        num_frames=16,
        tubelet_size=2,
        hidden_size=768,
        num_hidden_layers=12,
        num_attention_heads=12,
        intermediate_size=3072,
        hidden_act="gelu",
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        layer_norm_eps=1e-12,
        qkv_bias=True,
        use_mean_pooling=True,
        decoder_num_attention_heads=6,
        decoder_hidden_size=384,
        decoder_num_hidden_layers=4,
        decoder_intermediate_size=1536,
        norm_pix_loss=True,
    )


class VideoPatchEmbeddings(nn.Module):
    """`[B, frames, C, H, W]` → `[B, patches, hidden]`."""

    def __init__(self, config):
        super().__init__()
        self.image_size, patch = pair(config.image_size), pair(config.patch_size)
        self.channels = config.num_channels
        stacks = config.num_frames // config.tubelet_size
        self.num_patches = (self.image_size[0] // patch[0]) * (self.image_size[1] // patch[1]) * stacks
        step = (config.tubelet_size, *patch)
        self.projection = nn.Conv3d(config.num_channels, config.hidden_size, kernel_size=step, stride=step)

    def forward(self, video):
        _, _, channels, height, width = video.shape
        if channels != self.channels:
            raise ValueError(f"the video has {channels} channels, but num_channels is {self.channels}")
        if (height, width) != self.image_size:
            raise ValueError(f"the frames are {height}×{width}, but image_size is {self.image_size[0]}×{self.image_size[1]}")
        return self.projection(video.permute(0, 2, 1, 3, 4)).flatten(2).transpose(1, 2)


def wave_table(count, size):
    """Sines and cosines of each position, `[1, count, size]` in float32."""
    pairs = torch.arange(size, device="cpu") // 2
    angles = torch.arange(count, device="cpu")[:, None] / 10000.0 ** (2 * pairs / size)
    angles[:, 0::2] = torch.sin(angles[:, 0::2])
    angles[:, 1::2] = torch.cos(angles[:, 1::2])
    return angles.to(torch.float32).unsqueeze(0)


class VideoMAEEmbeddings(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.patch_embeddings = VideoPatchEmbeddings(config)
        self.position_embeddings = wave_table(self.patch_embeddings.num_patches, config.hidden_size)

    def forward(self, pixel_values, bool_masked_pos=None):
        x = self.patch_embeddings(pixel_values)
        x = x + self.position_embeddings.detach().type_as(x).to(device=x.device, copy=True)
        if bool_masked_pos is not None:
            x = x[~bool_masked_pos].reshape(x.shape[0], -1, x.shape[2])
        return x


class Intermediate(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.dense = nn.Linear(config.hidden_size, config.intermediate_size)
        self.intermediate_act_fn = activation(config.hidden_act)

    def forward(self, x):
        x = self.dense(x)
        return self.intermediate_act_fn(x)


class AddedOutput(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.dense = nn.Linear(config.intermediate_size, config.hidden_size)
        self.dropout = nn.Dropout(config.hidden_dropout_prob)

    def forward(self, x, before):
        x = self.dense(x)
        x = self.dropout(x)
        return x + before


class VideoMAELayer(Block):
    def __init__(self, config):
        super().__init__()
        self.attention = Dinov2Attention(config)
        self.intermediate = Intermediate(config)
        self.output = AddedOutput(config)
        self.layernorm_before = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.layernorm_after = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)

    def forward(self, x):
        normed = self.layernorm_before(x)
        attended = self.attention(normed)
        x = attended + x
        out = self.layernorm_after(x)
        out = self.intermediate(out)
        return self.output(out, x)


class VideoMAEEncoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.layer = nn.ModuleList([VideoMAELayer(config) for _ in range(config.num_hidden_layers)])

    def forward(self, x):
        for layer in self.layer:
            x = layer(x)
        return x


class VideoModel(Model):
    def inputs(self):
        config = self.config
        height, width = pair(config.image_size)
        return {"pixel_values": f"float32[B, {config.num_frames}, {config.num_channels}, {height}, {width}]"}

    def targets(self):
        return {"labels": "int64[B]"} if type(self).__name__.endswith("ForVideoClassification") else {}


class VideoMAEModel(VideoModel):
    def __init__(self, config):
        super().__init__(config)
        self.embeddings = VideoMAEEmbeddings(config)
        self.encoder = VideoMAEEncoder(config)
        self.layernorm = None if config.use_mean_pooling else nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)

    def forward(self, pixel_values=None, bool_masked_pos=None, **kwargs):
        embedded = self.embeddings(pixel_values, bool_masked_pos)
        x = self.encoder(embedded)
        if self.layernorm is not None:
            x = self.layernorm(x)
        return Output(last_hidden_state=x)


class VideoMAEForVideoClassification(VideoModel):
    def __init__(self, config):
        super().__init__(config)
        self.videomae = VideoMAEModel(config)
        self.fc_norm = nn.LayerNorm(config.hidden_size) if config.use_mean_pooling else None
        self.classifier = nn.Linear(config.hidden_size, config.num_labels) if config.num_labels > 0 else nn.Identity()

    def forward(self, pixel_values=None, labels=None, **kwargs):
        out = self.videomae(pixel_values)
        x = out.last_hidden_state
        x = x[:, 0] if self.fc_norm is None else self.fc_norm(x.mean(1))
        logits = self.classifier(x)
        loss = None if labels is None else classification_loss(logits, labels, self.config)
        return Output(loss=loss, logits=logits)
