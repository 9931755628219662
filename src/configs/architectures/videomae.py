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
from .parts.patches import check_axes, pair


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

    def decoder(self):
        """The config of the decoder's layers."""
        values = {name: getattr(self, name) for name in self.defaults}
        for name in ("num_attention_heads", "hidden_size", "num_hidden_layers", "intermediate_size"):
            values[name] = getattr(self, f"decoder_{name}")
        return type(self)(**values, attn_implementation=self.attn_implementation)


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
        check_axes("pixel_values", video, "batch, frames, channels, height, width")
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


class VideoMAEDecoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        size, inner = config.decoder_hidden_size, config.decoder()
        self.decoder_layers = nn.ModuleList([VideoMAELayer(inner) for _ in range(config.decoder_num_hidden_layers)])
        self.norm = nn.LayerNorm(size)
        self.head = nn.Linear(size, config.num_channels * config.tubelet_size * config.patch_size**2)

    def forward(self, x, count):
        for layer in self.decoder_layers:
            x = layer(x)
        x = x[:, -count:]
        x = self.norm(x)
        return self.head(x)


class VideoMAEForPreTraining(VideoModel):
    """Hidden patches' pixels from the others; how many are hidden is up to `bool_masked_pos`."""

    def __init__(self, config):
        super().__init__(config)
        size = config.decoder_hidden_size
        self.videomae = VideoMAEModel(config)
        self.encoder_to_decoder = nn.Linear(config.hidden_size, size, bias=False)
        self.mask_token = nn.Parameter(torch.zeros(1, 1, size))
        self.count = self.videomae.embeddings.patch_embeddings.num_patches
        self.position_embeddings = wave_table(self.count, size)
        self.decoder = VideoMAEDecoder(config)

    def inputs(self):
        return {**super().inputs(), "bool_masked_pos": f"bool[B, {self.count}]"}

    def patches(self, video):
        """`[B, patches, pixels · C]`, each channel of a patch normed where the config says it."""
        config = self.config
        batch, frames, channels, height, width = video.shape
        step, side = config.tubelet_size, config.patch_size
        count = frames // step * height // side * width // side
        if channels == 3:
            mean = torch.as_tensor([0.485, 0.456, 0.406]).to(device=video.device, dtype=video.dtype)
            spread = torch.as_tensor([0.229, 0.224, 0.225]).to(device=video.device, dtype=video.dtype)
            video = video * spread[None, None, :, None, None] + mean[None, None, :, None, None]
        video = video.view(batch, frames // step, step, channels, height // side, side, width // side, side)
        video = video.permute(0, 1, 4, 6, 2, 5, 7, 3).contiguous()
        if config.norm_pix_loss:
            video = video.view(batch, count, step * side * side, channels)
            spread = video.var(dim=-2, unbiased=True, keepdim=True).sqrt() + 1e-6
            video = (video - video.mean(dim=-2, keepdim=True)) / spread
        return video.view(batch, count, step * side * side * channels)

    def forward(self, pixel_values=None, bool_masked_pos=None, **kwargs):
        if bool_masked_pos is None:
            raise ValueError("bool_masked_pos is missing, which says the patches that are hidden")
        out = self.videomae(pixel_values, bool_masked_pos)
        x = self.encoder_to_decoder(out.last_hidden_state)
        batch, _, size = x.shape
        places = self.position_embeddings.expand(batch, -1, -1).type_as(pixel_values)
        places = places.detach().to(device=pixel_values.device, copy=True)
        shown = places[~bool_masked_pos].reshape(batch, -1, size)
        hidden = places[bool_masked_pos].reshape(batch, -1, size)
        x = torch.cat([x + shown, self.mask_token + hidden], dim=1)
        logits = self.decoder(x, hidden.shape[1])
        with torch.no_grad():
            target = self.patches(pixel_values)
            target = target[bool_masked_pos].reshape(batch, -1, target.shape[-1])
        return Output(loss=nn.functional.mse_loss(logits, target), logits=logits)


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
