"""What Funnel Transformer's attention knows of a text besides its words, and how text and that are halved."""
import torch
from torch import nn
from torch.nn import functional as F


class Places:
    """Waves of positions, which tokens are of one segment, what is no padding, and where the first token is kept apart."""

    def __init__(self, waves, same, padding, first):
        self.waves, self.same, self.padding, self.first = waves, same, padding, first


class FunnelAttentionStructure(nn.Module):
    """Makes the places of a text, and halves them."""

    def __init__(self, config):
        super().__init__()
        self.config = config
        self.sin_dropout = nn.Dropout(config.hidden_dropout)
        self.cos_dropout = nn.Dropout(config.hidden_dropout)

    def places(self, x, padding, kinds):
        length = x.size(1)
        waves = self.factors(x, length) if self.config.factorized else self.shifts(x, length)
        same = kinds[:, :, None] == kinds[:, None]
        firsts = kinds == 2
        whole = firsts[:, :, None] | firsts[:, None]
        same = whole | same
        first = F.pad(x.new_ones([length - 1, length - 1]), (1, 0, 1, 0)) if self.config.separate_cls else None
        return Places(waves, same, padding, first)

    def frequencies(self, x):
        half = self.config.d_model // 2
        return 1 / 10000 ** (torch.arange(0, half, 1.0, dtype=torch.int64, device=x.device).to(x.dtype) / half)

    def factors(self, x, length):
        """Sines and cosines of positions, from whose products those of distances follow."""
        places = torch.arange(0, length, 1.0, dtype=torch.int64, device=x.device).to(x.dtype)
        angles = places[:, None] * self.frequencies(x)[None]
        sin = torch.sin(angles)
        dropped_sin = self.sin_dropout(sin)
        cos = torch.cos(angles)
        dropped_cos = self.cos_dropout(cos)
        return [
            torch.cat([dropped_sin, dropped_sin], dim=-1),
            torch.cat([dropped_cos, dropped_cos], dim=-1),
            torch.cat([cos, sin], dim=-1),
            torch.cat([-sin, cos], dim=-1),
        ]

    def shifts(self, x, length):
        """For each block the waves of all distances, and those where the queries are already halved."""
        frequencies = self.frequencies(x)
        distances = torch.arange(-length * 2, length * 2, 1.0, dtype=torch.int64, device=x.device).to(x.dtype)
        angles = distances[:, None] * frequencies[None]
        sin, cos = self.sin_dropout(torch.sin(angles)), self.cos_dropout(torch.cos(angles))
        waves = torch.cat([sin, cos], dim=-1)
        places = torch.arange(0, length, dtype=torch.int64, device=x.device).to(x.dtype)
        found = []
        for block in range(len(self.config.block_sizes)):
            halved = None
            if block > 0:
                fewer = self.halved_places(places, block)
                halved = self.picked(waves, fewer, places, 2 ** (block - 1), 2, length)
                places = fewer
            found.append([self.picked(waves, places, places, 2**block, 1, length), halved])
        return found

    def halved_places(self, places, block):
        if not self.config.separate_cls:
            return places[::2]
        first = places.new_tensor([-(2**block) + 1])
        rest = places[1:-1] if self.config.truncate_seq else places[1:]
        return torch.cat([first, rest[::2]], 0)

    def picked(self, waves, queries, keys, stride, shift, length):
        most = queries[0] - keys[0] + shift * queries.shape[0] * stride
        least = queries[0] - keys[-1]
        rows = torch.arange(most, least - 1, -stride, dtype=torch.long, device=queries.device)
        rows = rows[:, None] + 2 * length
        return torch.gather(waves, 0, rows.expand(rows.size(0), self.config.d_model))

    def strided(self, x, axis):
        """Every second entry along an axis; the first is kept apart where the config says so."""
        if x is None:
            return None
        axis %= x.ndim
        before = [slice(None)] * axis
        step = slice(None, None, 2)
        if self.config.separate_cls:
            x = torch.cat([x[tuple(before + [slice(None, 1)])], x], axis=axis)
            step = slice(None, -1, 2) if self.config.truncate_seq else step
        return x[tuple(before + [step])]

    def pooled(self, x, mode):
        """Neighbours along the second axis brought together; the first token is kept apart likewise."""
        if self.config.separate_cls:
            rest = x[:, :-1] if self.config.truncate_seq else x
            x = torch.cat([x[:, :1], rest], dim=1)
        flat = x.ndim == 2
        x = x[:, None, :, None] if flat else x[:, None, :, :]
        if mode == "mean":
            x = F.avg_pool2d(x, (2, 1), stride=(2, 1), ceil_mode=True)
        elif mode == "max":
            x = F.max_pool2d(x, (2, 1), stride=(2, 1), ceil_mode=True)
        else:
            x = -F.max_pool2d(-x, (2, 1), stride=(2, 1), ceil_mode=True)
        return x[:, 0, :, 0] if flat else x[:, 0]

    def before(self, x, at):
        """The halved text, and what its attention to the whole one knows."""
        waves, same, padding, first = at.waves, at.same, at.padding, at.first
        factorized = self.config.factorized
        if self.config.pool_q_only:
            if factorized:
                waves = [self.strided(one, 0) for one in waves[:2]] + waves[2:]
            same, first = self.strided(same, 1), self.strided(first, 0)
        else:
            if factorized:
                waves = [self.strided(one, 0) for one in waves]
            same = self.strided(self.strided(same, 1), 2)
            first = self.strided(self.strided(first, 1), 2)
            padding = self.pooled(padding, "min")
        return self.pooled(x, self.config.pooling_type), Places(waves, same, padding, first)

    def behind(self, at):
        """What later layers know, whose keys are halved too."""
        if not self.config.pool_q_only:
            return at
        waves = at.waves
        if self.config.factorized:
            waves = waves[:2] + [self.strided(one, 0) for one in waves[2:]]
        return Places(waves, self.strided(at.same, 2), self.pooled(at.padding, "min"), self.strided(at.first, 1))
