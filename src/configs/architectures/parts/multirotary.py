"""Rotary positions in three directions: time, rows and columns, each with some of the frequencies."""
import torch

from .decoder import Decoder
from .rotary import RotaryEmbedding


class MultiRotaryEmbedding(RotaryEmbedding):
    """Cosines and sines `[B, T, width]` of positions `[3, B, T]`; runs of frequencies take turns."""

    sections = [16, 24, 24]

    def __init__(self, config):
        super().__init__(config)
        self.sections = config.rope_parameters.get("mrope_section", type(self).sections)

    @torch.no_grad()
    def forward(self, x, position_ids):
        frequencies = self.inv_freq[None, None, :, None].float().expand(3, position_ids.shape[1], -1, 1)
        places = position_ids[:, :, None, :].float()
        with torch.autocast(device_type=x.device.type, enabled=False):
            angles = (frequencies @ places).transpose(2, 3)
            cos = angles.cos() * self.scaling
            sin = angles.sin() * self.scaling
        sin = self.joined(sin)
        cos = self.joined(cos)
        return cos.to(dtype=x.dtype), sin.to(dtype=x.dtype)

    def joined(self, angles):
        one = torch.cat([part[i % 3] for i, part in enumerate(angles.split(self.sections, dim=-1))], dim=-1)
        return torch.cat((one, one), dim=-1)


class InterleavedRotaryEmbedding(MultiRotaryEmbedding):
    """The three directions take turns frequency by frequency."""

    sections = [24, 20, 20]

    def joined(self, angles):
        one = angles[0]
        for direction in (1, 2):
            chosen = slice(direction, self.sections[direction] * 3, 3)
            one[..., chosen] = angles[direction, ..., chosen]
        return torch.cat((one, one), dim=-1)


class MultiDecoder(Decoder):
    """A decoder of positions `[3, B, T]`, of `[4, B, T]` with the text's own in front, or of plain ones.

    `searches`: plain positions are searched for several texts packed into one row.
    """

    searches = False

    def rotary(self, config):
        return MultiRotaryEmbedding(config)

    def positions(self, x, position_ids):
        if position_ids.dim() == 2:
            position_ids = position_ids[None, ...].expand(3, x.shape[0], -1)
        return self.rotary_emb(x, position_ids[1:] if position_ids.shape[0] == 4 else position_ids)

    def masks(self, x, padding, cache, positions):
        text = None
        if positions.dim() == 2:
            text = positions if self.searches else None
        elif positions.shape[0] == 4:
            text = positions[0]
        return super().masks(x, padding, cache, text)
