"""LongT5: T5 whose encoder attends to windows, and to averages of blocks where the config says transient-global."""
import torch
from torch import nn
from torch.nn import functional as F

from .parts.blocks import beside_neighbours, in_blocks, window_mask
from .parts.masks import decoder_mask
from .parts.relative import RelativeAttention
from .t5 import T5Block, T5Config, T5EncoderModel, T5ForConditionalGeneration, T5LayerNorm, T5Model, T5Stack


class LongT5Config(T5Config):
    model_type = "longt5"
    eager_only = True
    defaults = dict(T5Config.defaults, local_radius=127, global_block_size=16, encoder_attention_type="local")

    def complete(self, given):
        super().complete(given)
        if self.encoder_attention_type not in ("local", "transient-global"):
            raise ValueError(f"encoder_attention_type is {self.encoder_attention_type!r}, not 'local' or 'transient-global'")


class LocalAttention(RelativeAttention):
    """Each block attends to itself and its two neighbours, as far as a token's reach goes."""

    def __init__(self, config, biased):
        super().__init__(config, False, biased)
        self.length = config.local_radius + 1

    def heads(self, x):
        return x.view(x.shape[0], -1, self.config.num_heads, self.config.d_kv)

    def window_bias(self, scores):
        """`[1, 1, heads, length, 3 · length]`: learned by distance; zeros where the layer has none of its own."""
        if not self.biased:
            shape = (1, 1, self.config.num_heads, self.length, 3 * self.length)
            return torch.zeros(shape, device=scores.device, dtype=scores.dtype)
        places = torch.arange(3 * self.length, dtype=torch.long, device=scores.device)
        rows = places[self.length : -self.length]
        values = self.relative_attention_bias(self.buckets(places[None, :] - rows[:, None]))
        return values.permute([2, 0, 1]).unsqueeze(0).unsqueeze(0)

    def weigh(self, scores, value, length):
        weights = F.softmax(scores.float(), dim=-1).type_as(scores)
        weights = F.dropout(weights, p=self.config.dropout_rate, training=self.training)
        weights = weights.type(value.dtype)
        out = torch.einsum("...hqk,...khd->...qhd", weights, value).contiguous()
        out = out.view(value.shape[0], -1, self.config.num_heads * self.config.d_kv)
        out = out[:, :length, :]
        return self.o(out)

    def forward(self, x, mask=None, bias=None):
        query = self.heads(self.q(x))
        key = self.heads(self.k(x))
        value = self.heads(self.v(x))
        query = in_blocks(query, self.length, 1)
        key = in_blocks(key, self.length, 1)
        value = in_blocks(value, self.length, 1)
        key = beside_neighbours(key, 1, 2)
        value = beside_neighbours(value, 1, 2)
        scores = torch.einsum("...qhd,...khd->...hqk", query, key)
        if bias is None:
            bias = self.window_bias(scores)
            mask = torch.where(mask > 0, 0.0, -1e10)
            bias = bias + mask.transpose(1, 2)
        scores += bias
        return self.weigh(scores, value, x.shape[1]), bias


def global_blocks(padding, size):
    """The block of each token, -1 for padding, and which blocks of each text exist."""
    batch, length = padding.shape
    part = torch.ones_like(padding, device=padding.device) / size
    part = torch.cumsum(part, axis=1) - part
    mask = torch.where(padding != 0.0, 1.0, -1000.0).type(padding.dtype)
    blocks = torch.floor(mask + part - 1.0).type(padding.dtype)
    least = torch.full((), -1, dtype=blocks.dtype, device=blocks.device)
    blocks = torch.where(blocks > least, blocks, least)
    blocks = blocks * padding + (padding - 1)
    ends = (torch.arange(length) % size == size - 1).to(blocks.device)
    full = torch.logical_and(ends, blocks >= 0).sum(-1).unsqueeze(-1).type(blocks.dtype) - 1
    blocks = torch.where(blocks < full, blocks, full)
    count = length // size
    if count > 0:
        last = torch.max(blocks, dim=-1).values.repeat(count, 1).transpose(0, 1)
    else:
        last = torch.zeros(batch, 0, dtype=blocks.dtype, device=blocks.device)
    segments = (torch.cumsum(torch.ones(batch, count), dim=-1) - 1).to(padding.device)
    segments = torch.where(segments <= last, 1, 0)
    return blocks.type(torch.int), segments.type(torch.int)


class TransientGlobalAttention(LocalAttention):
    """The same, and each block attends to one vector for every `global_block_size` tokens of the text."""

    def __init__(self, config, biased):
        super().__init__(config, biased)
        if biased:
            self.global_relative_attention_bias = nn.Embedding(config.relative_attention_num_buckets, config.num_heads)
        self.global_input_layer_norm = T5LayerNorm(config.d_model, eps=config.layer_norm_epsilon)

    def summed(self, x, blocks, count):
        """The tokens of each block added up, `[B, blocks, d_model]`."""
        blocks = blocks.where(blocks >= 0, torch.tensor(count, dtype=blocks.dtype, device=blocks.device))
        chosen = F.one_hot(blocks.type(torch.int64), count + 1)[:, :, :-1]
        return torch.einsum("...nd,...ng->...gd", x, chosen.type(x.dtype))

    def side_bias(self, padding, segments):
        seen = torch.eq(padding[..., None], segments[:, None, :])[:, None, ...]
        hidden = torch.where(seen > 0, 0.0, -1e10)
        blocks, found = global_blocks(padding, self.config.global_block_size)
        places = torch.arange(found.shape[-1], device=blocks.device)
        buckets = self.buckets((places - blocks[..., None]).type(torch.int64))
        bias = self.global_relative_attention_bias(buckets).permute([0, 3, 1, 2])
        return hidden + bias

    def forward(self, x, mask=None, bias=None):
        blocks, segments = global_blocks(mask, self.config.global_block_size)
        count = segments.shape[-1]
        side = self.global_input_layer_norm(self.summed(x, blocks, count))
        query = self.heads(self.q(x))
        key = self.heads(self.k(x))
        value = self.heads(self.v(x))
        side_key = self.heads(self.k(side))
        side_value = self.heads(self.v(side))
        query = in_blocks(query, self.length, 1)
        key = in_blocks(key, self.length, 1)
        value = in_blocks(value, self.length, 1)
        key = beside_neighbours(key, 1, 2)
        value = beside_neighbours(value, 1, 2)
        times = [1, key.shape[1], 1, 1, 1]
        side_key = side_key.unsqueeze(1).repeat(times)
        side_value = side_value.unsqueeze(1).repeat(times)
        key = torch.cat([key, side_key], dim=2)
        value = torch.cat([value, side_value], dim=2)
        scores = torch.einsum("...qhd,...khd->...hqk", query, key)
        near = window_mask(mask, self.length)
        near = torch.where(near > 0, 0.0, -1e10)
        if bias is None:
            bias = self.window_bias(scores)
            bias = bias + near.transpose(1, 2)
            bias = bias.type(scores.dtype)
            beside = self.side_bias(mask, segments)
            beside = in_blocks(beside, self.length, 2).transpose(1, 2)
            beside = beside.type(scores.dtype).to(scores.device)
            bias = torch.cat([bias, beside], dim=-1)
        scores += bias
        return self.weigh(scores, value, x.shape[1]), bias


class LongT5LayerLocalSelfAttention(nn.Module):
    name, attention_class = "LocalSelfAttention", LocalAttention

    def __init__(self, config, biased):
        super().__init__()
        setattr(self, self.name, self.attention_class(config, biased))
        self.layer_norm = T5LayerNorm(config.d_model, eps=config.layer_norm_epsilon)
        self.dropout = nn.Dropout(config.dropout_rate)

    def forward(self, x, mask, bias, cache=None):
        normed = self.layer_norm(x)
        out, bias = getattr(self, self.name)(normed, mask, bias)
        x = x + self.dropout(out)
        return x, bias, None


class LongT5LayerTransientGlobalSelfAttention(LongT5LayerLocalSelfAttention):
    name, attention_class = "TransientGlobalSelfAttention", TransientGlobalAttention


class LongT5Block(T5Block):
    def attention(self, config, decodes, biased, layer):
        if decodes:
            return super().attention(config, decodes, biased, layer)
        if config.encoder_attention_type == "local":
            return LongT5LayerLocalSelfAttention(config, biased)
        return LongT5LayerTransientGlobalSelfAttention(config, biased)

    def clamped(self, x):
        """Nothing is done where nothing overflowed."""
        return x


class LongT5Stack(T5Stack):
    block_class = LongT5Block

    def mask(self, x, padding, cache):
        """Of windows in the encoder; with all tokens as no padding where no mask says otherwise."""
        if padding is None:
            past = 0 if cache is None else cache.length()
            padding = torch.ones(x.shape[0], past + x.shape[1], device=x.device)
        if self.decodes:
            return decoder_mask(self.config, x, padding, None, cache)
        return window_mask(padding, self.config.local_radius + 1) if self.config.encoder_attention_type == "local" else padding


class LongT5Model(T5Model):
    stack_class = LongT5Stack


class LongT5ForConditionalGeneration(T5ForConditionalGeneration):
    stack_class = LongT5Stack


class LongT5EncoderModel(T5EncoderModel):
    stack_class = LongT5Stack
