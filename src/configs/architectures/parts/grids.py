"""Images of any shape as one row of patches: frames, rows and columns of each, and attention within each frame."""
import torch
from torch import nn

from .attention import attend
from .block import Block
from .heads import Model
from .masks import is_eager


def read_grids(grids, patches=None):
    """Frames, rows and columns of each image, from a tensor `[images, 3]` or from lists.

    Where none are given, `patches` `[B, patches, values]` are taken to be square images, one behind the other.
    """
    if grids is not None:
        return grids.tolist() if isinstance(grids, torch.Tensor) else grids
    if patches is None or patches.dim() != 3:
        raise ValueError("the grids of the images are not given: how patches look at each other depends on them")
    side = int(patches.shape[1] ** 0.5)
    return [[1, side, side]] * patches.shape[0]


def frame_lengths(grids):
    """Patches of each frame."""
    return [height * width for frames, height, width in grids for _ in range(frames)]


def grid_places(grids, merge, device):
    """Row and column of each patch `[patches, 2]`; those that are merged later stand side by side."""
    places = []
    for frames, height, width in grids:
        rows, columns = torch.meshgrid(torch.arange(height, device=device), torch.arange(width, device=device), indexing="ij")
        blocks = (height // merge, merge, width // merge, merge)
        rows, columns = (one.reshape(blocks).transpose(1, 2).flatten() for one in (rows, columns))
        places.append(torch.stack([rows, columns], dim=-1).repeat(frames, 1))
    return torch.cat(places, dim=0)


class GridRotary(nn.Module):
    """Cosines and sines `[patches, width]` of rows and columns, in float32."""

    def __init__(self, config):
        super().__init__()
        size = (config.head_dim or config.width // config.num_heads) // 2
        base = (config.rope_parameters or {}).get("rope_theta", 10000.0)
        frequencies = 1.0 / (base ** (torch.arange(0, size, 2, dtype=torch.float) / size))
        self.register_buffer("inv_freq", frequencies, persistent=False)
        self.register_buffer("original_inv_freq", frequencies.clone(), persistent=False)

    @torch.no_grad()
    def forward(self, x, places):
        with torch.autocast(device_type=x.device.type, enabled=False):
            angles = places[..., None].float() * self.inv_freq.float()
            cos = angles.cos() * 1.0
            sin = angles.sin() * 1.0
        return self.joined(cos), self.joined(sin)

    def joined(self, angles):
        both = torch.cat([angles[:, 0], angles[:, 1]], dim=-1)
        return torch.cat([both, both], dim=-1)


def half_turned(x, cos, sin):
    first, second = x[..., : x.shape[-1] // 2], x[..., x.shape[-1] // 2 :]
    return x * cos + torch.cat((-second, first), dim=-1) * sin


def grid_rotate(query, key, positions):
    """Queries and keys `[patches, heads, width]` turned in float32."""
    kinds = query.dtype, key.dtype
    query, key = query.float(), key.float()
    cos, sin = (one.unsqueeze(-2).float() for one in positions)
    query, key = half_turned(query, cos, sin), half_turned(key, cos, sin)
    query = query.to(kinds[0])
    key = key.to(kinds[1])
    return query, key


class GridAttention(nn.Module):
    """Every patch with every other of its part; `lengths` are those of the parts, one behind the other."""

    def __init__(self, config):
        super().__init__()
        self.config = config
        size, self.heads = config.width, config.num_heads
        if size % self.heads != 0:
            raise ValueError(f"the vision encoder's width {size} is not a multiple of num_heads {self.heads}")
        self.scale = (size // self.heads) ** -0.5
        self.qkv = nn.Linear(size, size * 3, bias=True)
        self.proj = nn.Linear(size, size)

    def forward(self, x, lengths, positions):
        count, eager = x.shape[0], is_eager(self.config)
        query, key, value = self.qkv(x).reshape(count, 3, self.heads, -1).permute(1, 0, 2, 3).unbind(0)
        query, key = grid_rotate(query, key, positions)
        query = query.transpose(0, 1).unsqueeze(0)
        key = key.transpose(0, 1).unsqueeze(0)
        value = value.transpose(0, 1).unsqueeze(0)
        parts = zip(*[torch.split(one, lengths, dim=2) for one in (query, key, value)])
        mixed = [attend(*part, scale=self.scale, eager=eager)[0] for part in parts]
        out = torch.cat(mixed, dim=1)
        out = out.reshape(count, -1).contiguous()
        return self.proj(out)


class GridBlock(Block):
    """Attention and a feed-forward, each behind a norm and beside a residual."""

    def __init__(self, config, norm, mlp):
        super().__init__()
        self.norm1 = norm(config.width, eps=1e-6)
        self.norm2 = norm(config.width, eps=1e-6)
        self.attn = GridAttention(config)
        self.mlp = mlp(config)

    def forward(self, x, lengths, positions):
        x = x + self.attn(self.norm1(x), lengths, positions)
        return x + self.mlp(self.norm2(x))


class GridModel(Model):
    """An image encoder; an image of 32 × 32 patches where nobody gives another."""

    def inputs(self):
        config = self.config
        values = config.in_channels * config.temporal_patch_size * config.patch_size**2
        return {"hidden_states": f"float32[B, 1024, {values}]"}


class CubeEmbed(nn.Module):
    """Patches over a few frames, `[patches, values]` → `[patches, width]`."""

    def __init__(self, config, bias=False):
        super().__init__()
        cube = [config.temporal_patch_size, config.patch_size, config.patch_size]
        self.shape = (-1, config.in_channels, *cube)
        self.proj = nn.Conv3d(config.in_channels, config.width, kernel_size=cube, stride=cube, bias=bias)

    def forward(self, x):
        x = x.view(self.shape)
        return self.proj(x.to(dtype=self.proj.weight.dtype)).view(-1, self.proj.out_channels)
