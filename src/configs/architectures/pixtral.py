"""Pixtral's image encoder: images of any size in one sequence of patches, each attending within its image, turned in two directions."""
import torch
from torch import nn

from .parts.attention import RMSNorm, attend, split_heads
from .parts.block import Block
from .parts.config import Config
from .parts.decoder import GatedMLP
from .parts.heads import ImageModel
from .parts.masks import is_eager
from .parts.output import Output
from .parts.rotary import rotate


class PixtralVisionConfig(Config):
    model_type = "pixtral"
    rope_theta = 10000.0
    defaults = dict(
        hidden_size=1024,
        intermediate_size=4096,
        num_hidden_layers=24,
        num_attention_heads=16,
        num_channels=3,
        image_size=1024,
        patch_size=16,
        hidden_act="gelu",
        attention_dropout=0.0,
    )

    def complete(self, given):
        self.head_dim = self.hidden_size // self.num_attention_heads


class PixtralVisionRotaryEmbedding(nn.Module):
    """Angles of rows and columns: every other frequency for the one, those between for the other."""

    def __init__(self, config):
        super().__init__()
        size = config.head_dim
        frequencies = 1.0 / (config.rope_parameters["rope_theta"] ** (torch.arange(0, size, 2, dtype=torch.float) / size))
        frequencies = torch.cat([frequencies[0::2], frequencies[1::2]])
        self.register_buffer("inv_freq", frequencies, persistent=False)
        self.register_buffer("original_inv_freq", frequencies.clone(), persistent=False)

    @torch.no_grad()
    def forward(self, x, places):
        """`places`: row and column of each patch, `[patches, 2]`."""
        with torch.autocast(device_type=x.device.type, enabled=False):
            angles = places[..., None].float() @ self.inv_freq[None, ...].float()
            cos = angles.cos() * 1.0
            sin = angles.sin() * 1.0
        cos, sin = self.joined(cos), self.joined(sin)
        return cos.to(x.dtype), sin.to(x.dtype)

    def joined(self, x):
        rows, columns = x.chunk(2, dim=-1)
        both = torch.cat([rows[:, 0], columns[:, 1]], dim=-1)
        return torch.cat([both, both], dim=-1)


class PixtralAttention(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        size = config.hidden_size
        self.head_dim = size // config.num_attention_heads
        self.k_proj = nn.Linear(size, size, bias=False)
        self.v_proj = nn.Linear(size, size, bias=False)
        self.q_proj = nn.Linear(size, size, bias=False)
        self.o_proj = nn.Linear(size, size, bias=False)

    def forward(self, x, mask=None, positions=None):
        query, key, value = (split_heads(proj(x), self.head_dim) for proj in (self.q_proj, self.k_proj, self.v_proj))
        query, key = rotate(query, key, positions, axis=0)
        dropout = self.config.attention_dropout if self.training else 0.0
        out, weights = attend(query, key, value, mask, scale=self.head_dim**-0.5, dropout=dropout, eager=is_eager(self.config))
        out = out.reshape(*x.shape[:-1], -1)
        return self.o_proj(out), weights


class PixtralAttentionLayer(Block):
    positional = 2

    def __init__(self, config):
        super().__init__()
        self.attention_norm = RMSNorm(config.hidden_size, eps=1e-5)
        self.feed_forward = GatedMLP(config)
        self.attention = PixtralAttention(config)
        self.ffn_norm = RMSNorm(config.hidden_size, eps=1e-5)

    def forward(self, x, mask=None, positions=None):
        before = x
        x = self.attention_norm(x)
        x, weights = self.attention(x, mask, positions)
        x = before + x
        before = x
        x = self.ffn_norm(x)
        x = self.feed_forward(x)
        return before + x


class PixtralTransformer(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.layers = nn.ModuleList([PixtralAttentionLayer(config) for _ in range(config.num_hidden_layers)])

    def forward(self, x, mask, positions, states=None):
        """`states` takes what goes into each layer, and what comes out of the last."""
        for layer in self.layers:
            if states is not None:
                states.append(x)
            x = layer(x, mask, positions)
        if states is not None:
            states.append(x)
        return x


def image_mask(x, counts):
    """Numbers added to the scores, so that patches look at those of their own image; `counts`: patches of each."""
    mask = torch.full((x.shape[1], x.shape[1]), fill_value=torch.finfo(x.dtype).min, dtype=x.dtype, device=x.device)
    start = 0
    for count in counts:
        mask[start : start + count, start : start + count] = 0
        start += count
    return mask[None, None, :, :].expand(x.shape[0], 1, -1, -1)


class PixtralVisionModel(ImageModel):
    def __init__(self, config):
        super().__init__(config)
        patch = config.patch_size
        self.patch_conv = nn.Conv2d(config.num_channels, config.hidden_size, kernel_size=patch, stride=patch, bias=False)
        self.ln_pre = RMSNorm(config.hidden_size, eps=1e-5)
        self.transformer = PixtralTransformer(config)
        self.patch_positional_embedding = PixtralVisionRotaryEmbedding(config)

    def forward(self, pixel_values=None, states=None, **kwargs):
        images = self.patch_conv(pixel_values.to(dtype=self.patch_conv.weight.dtype))
        height, width = images.shape[-2:]
        x = torch.cat([one.flatten(1).T for one in images], dim=0).unsqueeze(0)
        x = self.ln_pre(x)
        places = []
        for _ in range(images.shape[0]):
            rows, columns = torch.meshgrid(torch.arange(height, device=x.device), torch.arange(width, device=x.device), indexing="ij")
            places.append(torch.stack([rows.flatten(), columns.flatten()], dim=-1))
        places = torch.cat(places, dim=0)
        positions = self.patch_positional_embedding(x, places)
        mask = image_mask(x, [height * width] * images.shape[0])
        return Output(last_hidden_state=self.transformer(x, mask, positions, states))
