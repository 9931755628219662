"""BigBird's attention: blocks attend to the first and the last block, to their neighbours, and to blocks drawn at random."""
import math

import torch
from torch import nn
from torch.nn import functional as F

from .cache import keep


def sees_all(config, length):
    """Whether a text is so short that every token attends to all."""
    return config.attention_type == "original_full" or length <= (5 + 2 * config.num_random_blocks) * config.block_size


def checked(config):
    if config.attention_type not in ("block_sparse", "original_full"):
        raise ValueError(f"attention_type is {config.attention_type!r}, not 'block_sparse' or 'original_full'")


class BlockMasks:
    """What is no padding, `[B, T]`: by blocks, for the neighbours of each block, for queries, for keys."""

    def __init__(self, padding, size):
        batch, length = padding.shape
        self.blocks = padding.view(batch, length // size, size)
        near = torch.cat([self.blocks[:, 1:-3], self.blocks[:, 2:-2], self.blocks[:, 3:-1]], dim=2)
        self.band = torch.einsum("blq,blk->blqk", self.blocks[:, 2:-2], near)
        self.band.unsqueeze_(1)
        self.rows = padding.view(batch, 1, length, 1)
        self.columns = padding.view(batch, 1, 1, length)


class BlockSparseAttention(nn.Module):
    """What is read, and the weights: over blocks where `masks` are given, else over all of the text. `narrows`: masks are brought to the text's type."""

    narrows = True

    def __init__(self, config, layer=0):
        super().__init__()
        size, self.heads = config.hidden_size, config.num_attention_heads
        if size % self.heads != 0:
            raise ValueError(f"hidden_size {size} is not a multiple of num_attention_heads {self.heads}")
        self.config, self.layer, self.head_dim = config, layer, size // self.heads
        self.query = nn.Linear(size, size, bias=config.use_bias)
        self.key = nn.Linear(size, size, bias=config.use_bias)
        self.value = nn.Linear(size, size, bias=config.use_bias)
        self.dropout = nn.Dropout(config.attention_probs_dropout_prob)

    def split(self, x):
        return x.view(x.shape[0], -1, self.heads, self.head_dim).transpose(1, 2)

    def forward(self, x, mask=None, masks=None, cache=None):
        query = self.split(self.query(x))
        key = self.split(self.key(x))
        value = self.split(self.value(x))
        if masks is not None:
            band, rows, columns = masks.band, masks.rows, masks.columns
            if self.narrows:
                band, rows, columns = band.to(x.dtype), rows.to(x.dtype), columns.to(x.dtype)
            out, weights = self.over_blocks(query, key, value, band, rows, columns, masks.blocks)
            return out.contiguous().view(*x.shape[:2], -1), weights
        if self.config.is_decoder:
            key, value = keep(key, value, cache, self.layer)
        scores = torch.matmul(query, key.transpose(-1, -2))
        scores = scores / math.sqrt(self.head_dim)
        if mask is not None:
            scores = scores + mask
        weights = F.softmax(scores, dim=-1)
        weights = self.dropout(weights)
        out = torch.matmul(weights, value)
        out = out.permute(0, 2, 1, 3).contiguous()
        return out.view(*out.shape[:-2], -1), weights

    def drawn(self, x, chosen):
        """The blocks drawn for each block, beside one another: `[B, heads, blocks - 2, drawn · size, width]`."""
        found = torch.gather(x, 2, chosen.reshape(*chosen.shape[:2], -1)[..., None, None].expand(-1, -1, -1, *x.shape[3:]))
        return found.view(*x.shape[:2], chosen.shape[2], -1, x.shape[4])

    def over_blocks(self, query, key, value, band, rows, columns, blocks):
        """Every intermediate lives until the end, as in transformers; the weights as a whole are made there too."""
        size, random = self.config.block_size, self.config.num_random_blocks
        batch, heads, length, width = query.shape
        count, scale, penalty = length // size, 1 / math.sqrt(width), -10000.0
        chosen = torch.zeros((heads, count - 2, random), dtype=torch.long, device=query.device)
        chosen = chosen.unsqueeze(0).expand(batch, *chosen.shape).contiguous()
        seen = torch.gather(blocks, 1, chosen.reshape(batch, -1).unsqueeze(-1).expand(-1, -1, size))
        seen = torch.einsum("blq,bhlk->bhlqk", blocks[:, 1:-1], seen.view(batch, heads, count - 2, random * size))
        queries, keys, values = (one.view(batch, heads, count, size, -1) for one in (query, key, value))
        drawn_keys, drawn_values = self.drawn(keys, chosen), self.drawn(values, chosen)

        first_scores = torch.matmul(queries[:, :, 0], key.transpose(-1, -2))
        first_scores = first_scores * scale
        first_scores += (1.0 - columns) * penalty
        first_weights = F.softmax(first_scores, dim=-1)
        first = torch.matmul(first_weights, value)
        first.unsqueeze_(2)

        second_keys = torch.cat([*(keys[:, :, i] for i in (0, 1, 2, -1)), drawn_keys[:, :, 0]], dim=2)
        second_values = torch.cat([*(values[:, :, i] for i in (0, 1, 2, -1)), drawn_values[:, :, 0]], dim=2)
        second_scores = torch.matmul(queries[:, :, 1], second_keys.transpose(-1, -2))
        whole = columns.new_ones([batch, 1, 1, random * size])
        second_columns = torch.cat([columns[:, :, :, : 3 * size], columns[:, :, :, -size:], whole], dim=3)
        second_seen = torch.cat([seen.new_ones([batch, heads, size, 4 * size]), seen[:, :, 0]], dim=3)
        second_scores = second_scores * scale
        second_scores += (1.0 - torch.minimum(second_columns, second_seen)) * penalty
        second_weights = F.softmax(second_scores, dim=-1)
        second = torch.matmul(second_weights, second_values)
        second.unsqueeze_(2)

        near_keys = torch.cat([keys[:, :, 1:-3], keys[:, :, 2:-2], keys[:, :, 3:-1]], dim=3)
        near_values = torch.cat([values[:, :, 1:-3], values[:, :, 2:-2], values[:, :, 3:-1]], dim=3)
        middle = queries[:, :, 2:-2]
        near_scores = torch.matmul(middle, near_keys.transpose(-1, -2))
        near_scores = near_scores * scale
        drawn_scores = torch.matmul(middle, drawn_keys[:, :, 1:-1].transpose(-1, -2))
        drawn_scores = drawn_scores * scale
        start_scores = torch.einsum("bhlqd,bhkd->bhlqk", middle, keys[:, :, 0])
        start_scores = start_scores * scale
        end_scores = torch.einsum("bhlqd,bhkd->bhlqk", middle, keys[:, :, -1])
        end_scores = end_scores * scale
        near_scores += (1.0 - band) * penalty
        start_scores += (1.0 - columns[:, :, :, :size].unsqueeze(3)) * penalty
        end_scores += (1.0 - columns[:, :, :, -size:].unsqueeze(3)) * penalty
        drawn_scores += (1.0 - seen[:, :, 1:-1]) * penalty
        scores = torch.cat([start_scores, near_scores, drawn_scores, end_scores], dim=-1)
        weights = F.softmax(scores, dim=-1)
        out = torch.matmul(weights[:, :, :, :, size : 4 * size], near_values)
        out += torch.matmul(weights[:, :, :, :, 4 * size : -size], drawn_values[:, :, 1:-1])
        out += torch.einsum("bhlqk,bhkd->bhlqd", weights[:, :, :, :, :size], values[:, :, 0])
        out += torch.einsum("bhlqk,bhkd->bhlqd", weights[:, :, :, :, -size:], values[:, :, -1])

        late_keys = torch.cat([*(keys[:, :, i] for i in (0, -3, -2, -1)), drawn_keys[:, :, -1]], dim=2)
        late_values = torch.cat([*(values[:, :, i] for i in (0, -3, -2, -1)), drawn_values[:, :, -1]], dim=2)
        late_scores = torch.matmul(queries[:, :, -2], late_keys.transpose(-1, -2))
        whole = columns.new_ones([batch, 1, 1, random * size])
        late_columns = torch.cat([columns[:, :, :, :size], columns[:, :, :, -3 * size :], whole], dim=3)
        late_seen = torch.cat([seen.new_ones([batch, heads, size, 4 * size]), seen[:, :, -1]], dim=3)
        late_scores = late_scores * scale
        late_scores += (1.0 - torch.minimum(late_columns, late_seen)) * penalty
        late_weights = F.softmax(late_scores, dim=-1)
        late = torch.matmul(late_weights, late_values)
        late.unsqueeze_(2)

        last_scores = torch.matmul(queries[:, :, -1], key.transpose(-1, -2))
        last_scores = last_scores * scale
        last_scores += (1.0 - columns) * penalty
        last_weights = F.softmax(last_scores, dim=-1)
        last = torch.matmul(last_weights, value)
        last.unsqueeze_(2)

        out = torch.cat([first, second, out, late, last], dim=2)
        out = out.view((batch, heads, length, -1)) * rows
        out = torch.transpose(out, 1, 2)
        every = self.spread(out, chosen, first_weights, second_weights, weights, late_weights, last_weights)
        return out, every

    def spread(self, out, chosen, first, second, weights, late, last):
        """The weights as `[B, heads, T, T]`, zero where nothing was attended to."""
        size, random = self.config.block_size, self.config.num_random_blocks
        batch, length, heads, _ = out.shape
        count = length // size
        every = torch.zeros(batch, heads, length, length, dtype=out.dtype, device=out.device)
        every[:, :, :size, :] = first
        every[:, :, size : 2 * size, : 3 * size] = second[:, :, :, : 3 * size]
        every[:, :, size : 2 * size, -size:] = second[:, :, :, 3 * size : 4 * size]
        every[:, :, 2 * size : -2 * size, :size] = weights[:, :, :, :, :size].view(batch, heads, -1, size)
        every[:, :, 2 * size : -2 * size, -size:] = weights[:, :, :, :, -size:].view(batch, heads, -1, size)
        every[:, :, -2 * size : -size, :size] = late[:, :, :, :size]
        every[:, :, -2 * size : -size, -3 * size :] = late[:, :, :, size : 4 * size]
        every[:, :, -size:, :] = last
        view = every.view(batch, heads, count, size, count, size)
        self.scattered(view[:, :, 1], chosen[:, :, 0], second[:, :, :, 4 * size :])
        inner = count - 4
        near = weights[:, :, :, :, size : 4 * size].view(batch, heads, inner, size, 3, size)
        places = torch.arange(inner, device=out.device)[:, None] + torch.arange(3, device=out.device)[None, :]
        places = places[None, None, :, None, :, None].expand(batch, heads, inner, size, 3, size)
        view[:, :, 2:-2, :, 1:-1, :].scatter_(4, places, near)
        drawn = weights[:, :, :, :, 4 * size : -size].view(batch, heads, inner, size, random, size)
        places = chosen[:, :, 1:-1, :, None, None].expand(batch, heads, inner, random, size, size).transpose(3, 4)
        view[:, :, 2:-2].scatter_(4, places, drawn)
        self.scattered(view[:, :, -2], chosen[:, :, -1], late[:, :, :, 4 * size :])
        return every

    def scattered(self, view, chosen, drawn):
        size = self.config.block_size
        drawn = drawn.view(*view.shape[:3], -1, size)
        places = chosen[..., None].expand(-1, -1, -1, size)[:, :, None].expand(-1, -1, size, -1, -1)
        view.scatter_(3, places, drawn)
