"""Longformer's attention: windows laid over one another, and a few tokens that see and are seen by all."""
import math

import torch
from torch import nn
from torch.nn import functional as F


class Marks:
    """Which tokens see all: their rows and places, the slot of each among its row's, and how many slots a row has."""

    def __init__(self, count, rows, places, slots):
        self.count, self.rows, self.places, self.slots = count, rows, places, slots


def first_marked(x):
    """The marks where the first token of every text sees all."""
    rows = torch.arange(x.shape[0], device=x.device)
    return Marks(1, rows, torch.zeros_like(rows), torch.zeros_like(rows))


def marked(mask):
    """The marks of a mask: their number depends on its values, so that no size behind it is known."""
    raise NotImplementedError("how many tokens attend globally depends on the values of global_attention_mask")


def windows_of(config):
    """The window of each layer."""
    windows = config.attention_window
    windows = [windows] * config.num_hidden_layers if isinstance(windows, int) else windows
    if len(windows) != config.num_hidden_layers:
        raise ValueError(f"attention_window has {len(windows)} entries for {config.num_hidden_layers} layers")
    for window in windows:
        if window % 2 != 0 or window <= 0:
            raise ValueError(f"attention_window is {window}, which is not even and positive")
    return windows


class SlidingAttention(nn.Module):
    """Each token attends to half a window before and behind it, and to the marked tokens."""

    def __init__(self, config, window):
        super().__init__()
        size, self.heads = config.hidden_size, config.num_attention_heads
        if size % self.heads != 0:
            raise ValueError(f"hidden_size {size} is not a multiple of num_attention_heads {self.heads}")
        self.head_dim, self.reach = size // self.heads, window // 2
        self.dropout = config.attention_probs_dropout_prob
        for name in ("query", "key", "value", "query_global", "key_global", "value_global"):
            setattr(self, name, nn.Linear(size, size))

    def forward(self, x, mask, hidden, marks):
        x = x.transpose(0, 1)
        query = self.query(x)
        key = self.key(x)
        value = self.value(x)
        length, batch, size = x.shape
        query /= math.sqrt(self.head_dim)
        query = query.view(length, batch, self.heads, self.head_dim).transpose(0, 1)
        key = key.view(length, batch, self.heads, self.head_dim).transpose(0, 1)
        scores = self.band(query, key)
        away = (mask != 0)[:, :, None, None]
        lowest = away.type_as(query).masked_fill(away, torch.finfo(query.dtype).min)
        diagonal = self.band(lowest.new_ones(lowest.shape), lowest)
        scores += diagonal
        if marks is not None:
            scores = torch.cat((self.to_marked(query, key, marks), scores), dim=-1)
        weights = F.softmax(scores, dim=-1, dtype=torch.float32)
        weights = torch.masked_fill(weights, hidden[:, :, None, None], 0.0)
        weights = weights.type_as(scores)
        del scores
        weights = F.dropout(weights, p=self.dropout, training=self.training)
        value = value.view(length, batch, self.heads, self.head_dim).transpose(0, 1)
        out = self.mixed(weights, value) if marks is None else self.mixed_with_marked(weights, value, marks)
        out = out.transpose(0, 1).reshape(length, batch, size).contiguous()
        if marks is not None:
            seen, seen_weights = self.of_marked(x, hidden, marks)
            chosen = seen[marks.rows, :, marks.slots]
            out[marks.places, marks.rows] = chosen.view(len(marks.rows), -1)
            weights[marks.rows, marks.places] = 0
        return out.transpose(0, 1)

    def chunks(self, x):
        """`[B · heads, T, width]` as windows that overlap by half."""
        x = x.view(x.size(0), x.size(1) // (2 * self.reach), 2 * self.reach, x.size(2))
        batch, count, length, width = x.shape
        strides = list(x.stride())
        strides[1] = strides[1] // 2
        return x.as_strided(size=[batch, 2 * count - 1, length, width], stride=strides)

    def band(self, query, key):
        """The scores of each token with those in its reach, `[B, T, heads, 2 · reach + 1]`."""
        batch, length, heads, width = query.shape
        reach = self.reach
        count = length // reach
        query = query.transpose(1, 2).reshape(batch * heads, length, width)
        key = key.transpose(1, 2).reshape(batch * heads, length, width)
        query = self.chunks(query)
        key = self.chunks(key)
        near = torch.einsum("bcxd,bcyd->bcxy", (query, key))
        near = F.pad(near, (0, 0, 0, 1))
        near = near.view(*near.shape[:-2], near.size(-1), near.size(-2))
        band = near.new_zeros((batch * heads, count, reach, reach * 2 + 1))
        band[:, :-1, :, reach:] = near[:, :, :reach, : reach + 1]
        band[:, -1, :, reach:] = near[:, -1, reach:, : reach + 1]
        band[:, 1:, :, :reach] = near[:, :, -(reach + 1) : -1, reach + 1 :]
        band[:, 0, 1:reach, 1:reach] = near[:, 0, : reach - 1, 1 - reach :]
        band = band.view(batch, heads, length, 2 * reach + 1).transpose(2, 1)
        self.cut(band)
        return band

    def cut(self, band):
        """What would lie before the text or behind it becomes minus infinity."""
        reach = self.reach
        before = band.new_ones(reach, reach + 1).tril().flip(dims=[0])[None, :, None, :]
        behind = before.flip(dims=(1, 3))
        start = band[:, :reach, :, : reach + 1]
        before = before.expand(start.shape)
        band[:, :reach, :, : reach + 1] = torch.full_like(start, -math.inf).where(before.bool(), start)
        end = band[:, -reach:, :, -(reach + 1) :]
        behind = behind.expand(end.shape)
        band[:, -reach:, :, -(reach + 1) :] = torch.full_like(end, -math.inf).where(behind.bool(), end)

    def mixed(self, weights, value):
        batch, length, heads, width = value.shape
        reach = self.reach
        weights = weights.transpose(1, 2).reshape(batch * heads, length // reach, reach, 2 * reach + 1)
        value = value.transpose(1, 2).reshape(batch * heads, length, width)
        padded = F.pad(value, (0, 0, reach, reach), value=-1)
        strides = padded.stride()
        near = padded.as_strided(
            size=(batch * heads, length // reach, 3 * reach, width),
            stride=(strides[0], reach * strides[1], strides[1], strides[2]),
        )
        weights = self.slanted(weights)
        out = torch.einsum("bcwd,bcdh->bcwh", (weights, near))
        return out.view(batch, heads, length, width).transpose(1, 2)

    def slanted(self, weights):
        """Each token's weights shifted to where its window starts in the chunk."""
        heads, count, reach, width = weights.shape
        weights = F.pad(weights, (0, reach + 1))
        weights = weights.view(heads, count, -1)
        weights = weights[:, :, :-reach]
        weights = weights.view(heads, count, reach, reach + width)
        return weights[:, :, :, :-1]

    def to_marked(self, query, key, marks):
        chosen = key.new_zeros(key.shape[0], marks.count, self.heads, self.head_dim)
        chosen[marks.rows, marks.slots] = key[marks.rows, marks.places]
        scores = torch.einsum("blhd,bshd->blhs", (query, chosen))
        return scores

    def mixed_with_marked(self, weights, value, marks):
        to_marked = weights.narrow(-1, 0, marks.count)
        chosen = value.new_zeros(weights.shape[0], marks.count, self.heads, self.head_dim)
        chosen[marks.rows, marks.slots] = value[marks.rows, marks.places]
        far = torch.matmul(to_marked.transpose(1, 2).clone(), chosen.transpose(1, 2).clone()).transpose(1, 2)
        near = weights.narrow(-1, marks.count, weights.size(-1) - marks.count).contiguous()
        return far + self.mixed(near, value)

    def of_marked(self, x, hidden, marks):
        """What the marked tokens see: all of the text, through layers of their own."""
        length, batch, size = x.shape
        count, rows = marks.count, batch * self.heads
        chosen = x.new_zeros(count, batch, size)
        chosen[marks.slots, marks.rows] = x[marks.places, marks.rows]
        query = self.query_global(chosen)
        key = self.key_global(x)
        value = self.value_global(x)
        query /= math.sqrt(self.head_dim)
        query = query.contiguous().view(count, rows, self.head_dim).transpose(0, 1)
        key = key.contiguous().view(-1, rows, self.head_dim).transpose(0, 1)
        value = value.contiguous().view(-1, rows, self.head_dim).transpose(0, 1)
        scores = torch.bmm(query, key.transpose(1, 2))
        scores = scores.view(batch, self.heads, count, length)
        scores = scores.masked_fill(hidden[:, None, None, :], torch.finfo(scores.dtype).min)
        scores = scores.view(rows, count, length)
        wide = F.softmax(scores, dim=-1, dtype=torch.float32)
        weights = F.dropout(wide.type_as(scores), p=self.dropout, training=self.training)
        out = torch.bmm(weights, value)
        weights = weights.view(batch, self.heads, count, length)
        return out.view(batch, self.heads, count, self.head_dim), weights
