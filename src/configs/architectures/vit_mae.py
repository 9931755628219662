"""ViTMAE: a ViT that sees a quarter of an image's patches, and a decoder that paints the others."""
import torch
from torch import nn

from .parts.config import Config
from .parts.heads import ImageModel
from .parts.output import Output
from .parts.patches import PatchEmbeddings, resized_positions
from .vit import ViTConfig, ViTLayer


class ViTMAEConfig(Config):
    model_type = "vit_mae"
    defaults = dict(
        {key: value for key, value in ViTConfig.defaults.items() if key not in ("encoder_stride", "pooler_act")},
        decoder_num_attention_heads=16,
        decoder_hidden_size=512,
        decoder_num_hidden_layers=8,
        decoder_intermediate_size=2048,
        mask_ratio=0.75,
        norm_pix_loss=False,
    )

    def decoder(self):
        """The config of the decoder's layers."""
        values = {name: getattr(self, name) for name in self.defaults}
        for name in ("num_attention_heads", "hidden_size", "num_hidden_layers", "intermediate_size"):
            values[name] = getattr(self, f"decoder_{name}")
        return type(self)(**values, attn_implementation=self.attn_implementation)


class ViTMAEEmbeddings(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.ratio = config.mask_ratio
        size = config.hidden_size
        self.cls_token = nn.Parameter(torch.zeros(1, 1, size))
        self.patch_embeddings = PatchEmbeddings(config)
        count = self.patch_embeddings.num_patches + 1
        self.position_embeddings = nn.Parameter(torch.zeros(1, count, size), requires_grad=False)

    def forward(self, pixel_values, noise=None, interpolate_pos_encoding=False):
        x = self.patch_embeddings(pixel_values)
        positions = self.position_embeddings
        if interpolate_pos_encoding:
            positions = resized_positions(positions, pixel_values, self.patch_embeddings.patch_size, 1)
        else:
            self.patch_embeddings.check(pixel_values)
        x = x + positions[:, 1:, :]
        x, mask, restore = self.shown(x, noise)
        first = self.cls_token + positions[:, :1, :]
        first = first.expand(x.shape[0], -1, -1)
        return torch.cat((first, x), dim=1), mask, restore

    def shown(self, x, noise):
        """A random part of the patches; which are hidden (1); and the order that puts all back."""
        batch, length, width = x.shape
        kept = int(length * (1 - self.ratio))
        if noise is None:
            noise = torch.rand(batch, length, device=x.device)
        order = torch.argsort(noise, dim=1)
        restore = torch.argsort(order, dim=1)
        part = torch.gather(x, dim=1, index=order[:, :kept].unsqueeze(-1).repeat(1, 1, width))
        mask = torch.ones([batch, length], device=x.device)
        mask[:, :kept] = 0
        mask = torch.gather(mask, dim=1, index=restore)
        return part, mask, restore


class ViTMAEDecoder(nn.Module):
    def __init__(self, config, patches):
        super().__init__()
        size = config.decoder_hidden_size
        self.decoder_embed = nn.Linear(config.hidden_size, size)
        self.mask_token = nn.Parameter(torch.zeros(1, 1, size))
        self.decoder_pos_embed = nn.Parameter(torch.zeros(1, patches + 1, size), requires_grad=False)
        inner = config.decoder()
        self.decoder_layers = nn.ModuleList([ViTLayer(inner) for _ in range(config.decoder_num_hidden_layers)])
        self.decoder_norm = nn.LayerNorm(size, eps=config.layer_norm_eps)
        self.decoder_pred = nn.Linear(size, config.patch_size**2 * config.num_channels)

    def forward(self, x, restore):
        x = self.decoder_embed(x)
        hidden = self.mask_token.repeat(x.shape[0], restore.shape[1] + 1 - x.shape[1], 1)
        patches = torch.cat([x[:, 1:, :], hidden], dim=1)
        patches = torch.gather(patches, dim=1, index=restore.unsqueeze(-1).repeat(1, 1, x.shape[2]))
        x = torch.cat([x[:, :1, :], patches], dim=1)
        x = x + self.decoder_pos_embed
        for layer in self.decoder_layers:
            x = layer(x)
        x = self.decoder_norm(x)
        return self.decoder_pred(x)[:, 1:, :]


class ViTMAEModel(ImageModel):
    def __init__(self, config):
        super().__init__(config)
        self.embeddings = ViTMAEEmbeddings(config)
        self.layers = nn.ModuleList([ViTLayer(config) for _ in range(config.num_hidden_layers)])
        self.layernorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)

    def forward(self, pixel_values=None, noise=None, interpolate_pos_encoding=False, **kwargs):
        embedded, mask, restore = self.embeddings(pixel_values, noise, interpolate_pos_encoding)
        x = embedded
        for layer in self.layers:
            x = layer(x)
        return Output(last_hidden_state=self.layernorm(x), mask=mask, ids_restore=restore)


class ViTMAEForPreTraining(ImageModel):
    def __init__(self, config):
        super().__init__(config)
        self.vit = ViTMAEModel(config)
        self.decoder = ViTMAEDecoder(config, self.vit.embeddings.patch_embeddings.num_patches)

    def patches(self, image):
        """`[B, C, H, W]` → `[B, patches, size² · C]`."""
        batch, channels, height, width = image.shape
        size = self.config.patch_size
        if height != width or height % size != 0:
            raise ValueError(f"the image is {height}×{width}, but it must be square and a multiple of patch_size {size}")
        cut = image.reshape(batch, channels, height // size, size, width // size, size).permute(0, 2, 4, 3, 5, 1)
        return cut.reshape(batch, (height // size) * (width // size), size**2 * channels)

    def forward(self, pixel_values=None, noise=None, **kwargs):
        out = self.vit(pixel_values, noise=noise)
        logits = self.decoder(out.last_hidden_state, out.ids_restore)
        target = self.patches(pixel_values)
        if self.config.norm_pix_loss:
            mean = target.mean(dim=-1, keepdim=True)
            variance = target.var(dim=-1, keepdim=True)
            target = (target - mean) / (variance + 1.0e-6) ** 0.5
        loss = (logits - target) ** 2
        loss = loss.mean(dim=-1)
        loss = (loss * out.mask).sum() / out.mask.sum()
        return Output(loss=loss, logits=logits, mask=out.mask, ids_restore=out.ids_restore)
