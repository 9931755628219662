"""Rotary positions: the frequencies, their angles for a sequence, and turning queries and keys by them."""
import torch
from torch import nn

from .config import head_size


class RotaryEmbedding(nn.Module):
    """Cosines and sines `[B, T, width]` of the positions. Scaling changes the frequencies' values, never their number."""

    doubled = True
    #: Whether cosines and sines stay in float32.
    wide = False
    scaling = 1.0

    def __init__(self, config, parameters=None, width=None, partial=False):
        super().__init__()
        parameters = parameters or config.rope_parameters
        factor = parameters.get("partial_rotary_factor") or 1.0
        scaled = parameters["rope_type"] != "default" or partial
        size = width or head_size(config)
        size = int(size * factor) if scaled and parameters["rope_type"] != "proportional" else size
        self.register("", 1.0 / (parameters["rope_theta"] ** (torch.arange(0, size, 2, dtype=torch.float) / size)))

    def register(self, prefix, frequencies):
        self.register_buffer(f"{prefix}inv_freq", frequencies, persistent=False)
        self.register_buffer(f"{prefix}original_inv_freq", frequencies.clone(), persistent=False)

    @torch.no_grad()
    def forward(self, x, position_ids, prefix=""):
        frequencies = getattr(self, f"{prefix}inv_freq")
        frequencies = frequencies[None, :, None].float().expand(position_ids.shape[0], -1, 1)
        places = position_ids[:, None, :].float()
        with torch.autocast(device_type=x.device.type, enabled=False):
            angles = (frequencies @ places).transpose(1, 2)
            both = torch.cat((angles, angles), dim=-1) if self.doubled else angles
            cos = both.cos() * self.scaling
            sin = both.sin() * self.scaling
        return (cos, sin) if self.wide else (cos.to(dtype=x.dtype), sin.to(dtype=x.dtype))


class TypedRotaryEmbedding(RotaryEmbedding):
    """Frequencies of their own for each type of layer."""

    def __init__(self, config):
        nn.Module.__init__(self)
        for kind in sorted(set(config.layer_types)):
            parameters = config.rope_parameters[kind]
            if parameters is None:
                continue
            size = head_size(config)
            self.register(f"{kind}_", 1.0 / (parameters["rope_theta"] ** (torch.arange(0, size, 2, dtype=torch.float) / size)))


class WideRotaryEmbedding(RotaryEmbedding):
    wide = True


class WideTypedRotaryEmbedding(TypedRotaryEmbedding):
    wide = True


def rotate_half(x):
    first, second = x[..., : x.shape[-1] // 2], x[..., x.shape[-1] // 2 :]
    return torch.cat((-second, first), dim=-1)


def rotate(query, key, positions, axis=1):
    """Queries and keys turned by their positions; features behind the rotary width pass through."""
    cos, sin = (one.unsqueeze(axis) for one in positions)
    return turned(query, cos, sin), turned(key, cos, sin)


def wide_rotate(query, key, positions):
    """As `rotate`, in the type of the positions."""
    kinds = query.dtype, key.dtype
    cos, sin = (one.unsqueeze(1) for one in positions)
    query, key = turned(query, cos, sin), turned(key, cos, sin)
    return query.to(kinds[0]), key.to(kinds[1])


def float_rotate(query, key, positions):
    """As `rotate`, computed in float32."""
    kind = query.dtype
    cos, sin = (one.unsqueeze(1) for one in positions)
    query = (query.float() * cos) + (rotate_half(query.float()) * sin)
    key = (key.float() * cos) + (rotate_half(key.float()) * sin)
    return query.to(kind), key.to(kind)


def turned(x, cos, sin):
    width = cos.shape[-1]
    if width == x.shape[-1]:
        return x * cos + rotate_half(x) * sin
    inner, rest = x[..., :width], x[..., width:]
    return torch.cat([inner * cos + rotate_half(inner) * sin, rest], dim=-1)


def rotate_pairs(query, key, positions, axis=1):
    """As `rotate`, where neighbouring features turn together."""
    halves = [one.unsqueeze(axis)[..., : one.shape[-1] // 2].repeat_interleave(2, dim=-1) for one in positions]
    return paired(query, *halves), paired(key, *halves)


def rotate_interleaved(query, key, positions, axis=1):
    """As `rotate_pairs`, on the slices of even and odd features: the result has them one behind the other."""
    cos, sin = (one.unsqueeze(axis)[..., : one.shape[-1] // 2] for one in positions[:2])
    return interleaved(query, cos, sin), interleaved(key, cos, sin)


def interleaved(x, cos, sin):
    first, second = x[..., ::2], x[..., 1::2]
    return torch.cat((first * cos - second * sin, second * cos + first * sin), dim=-1)


def paired(x, cos, sin):
    width = cos.shape[-1]
    inner, rest = x[..., :width], x[..., width:]
    crossed = torch.stack((-inner[..., 1::2], inner[..., ::2]), dim=-1).flatten(-2)
    out = inner * cos + crossed * sin
    return out if width == x.shape[-1] else torch.cat([out, rest], dim=-1)
