"""Reformer's attention: chunks with their neighbours, in the order of the text or sorted by hashes."""
import math

import torch
from torch import nn
from torch.nn import functional as F


class ChunkedAttention(nn.Module):
    """What both kinds share; `kind` is the prefix of their keys."""

    kind = ""

    def __init__(self, config):
        super().__init__()
        self.config = config
        self.heads, self.width = config.num_attention_heads, config.attention_head_size
        self.length, self.before, self.after, self.dropout = (
            getattr(config, f"{self.kind}_{key}")
            for key in ("attn_chunk_length", "num_chunks_before", "num_chunks_after", "attention_probs_dropout_prob")
        )

    def constant(self, name, value):
        self.register_buffer(name, torch.tensor(value), persistent=False)

    def beside(self, x):
        """Each chunk with its neighbours; the first and the last are neighbours too."""
        if self.before == 0 and self.after == 0:
            return x
        near = [x if i == 0 else torch.cat([x[:, :, i:, ...], x[:, :, :i, ...]], dim=2) for i in range(-self.before, self.after + 1)]
        return torch.cat(near, dim=3)

    def split(self, x):
        return x.view(*x.shape[:-1], self.heads, self.width).transpose(2, 1)

    def merged(self, x):
        x = x.permute(0, 2, 1, 3)
        return torch.reshape(x, (x.shape[0], -1, self.heads * self.width))

    def chunks(self, x, heads=None):
        return torch.reshape(x, (x.shape[0], heads or self.heads, -1, self.length, *x.shape[3:]))

    def seen(self, mask, asked, known):
        """The mask, and for a decoder what is not later than the token itself; none where everything is seen."""
        if not self.config.is_decoder:
            return mask
        earlier = torch.ge(asked.unsqueeze(-1), known.unsqueeze(-2))
        return earlier if mask is None else earlier * mask

    def chosen(self, name, scores):
        half = scores.dtype == torch.float16
        return getattr(self, f"{name}_float16").half() if half else getattr(self, f"{name}_float32")


class LocalSelfAttention(ChunkedAttention):
    kind = "local"

    def __init__(self, config):
        super().__init__(config)
        size, width = config.hidden_size, self.heads * self.width
        self.query = nn.Linear(size, width, bias=False)
        self.key = nn.Linear(size, width, bias=False)
        self.value = nn.Linear(size, width, bias=False)
        self.constant("mask_value_float16", -1e4)
        self.constant("mask_value_float32", -1e9)

    def forward(self, x, padding=None, buckets=None):
        batch, length = x.shape[:2]
        query = self.query(x)
        key = self.key(x)
        value = self.value(x)
        query, key, value = self.split(query), self.split(key), self.split(value)
        key = key / math.sqrt(self.width)
        places = torch.arange(length, device=x.device).repeat(batch, self.heads, 1)
        whole = length <= self.length
        asked = known = places
        if not whole:
            query, key, value = self.chunks(query), self.chunks(key), self.chunks(value)
            asked, known = self.chunks(places), self.chunks(places)
            key, value, known = self.beside(key), self.beside(value), self.beside(known)
        scores = torch.matmul(query, key.transpose(-1, -2))
        del query, key
        mask = None
        if padding is not None:
            mask = padding.to(torch.bool)[:, None, :]
            if not whole:
                mask = self.beside(self.chunks(mask, 1))
            mask = mask.unsqueeze(-2).expand(scores.shape)
        mask = self.seen(mask, asked, known)
        if mask is not None:
            scores = torch.where(mask, scores, self.chosen("mask_value", scores))
        del mask
        logits = torch.logsumexp(scores, dim=-1, keepdim=True)
        weights = torch.exp(scores - logits)
        del logits
        weights = F.dropout(weights, p=self.dropout, training=self.training)
        out = torch.matmul(weights, value)
        del value
        if not whole:
            out = out.flatten(start_dim=2, end_dim=3)
        return self.merged(out), None


class Unsorted(torch.autograd.Function):
    """Vectors and logits brought back into the order of the text; the gradients are sorted again."""

    @staticmethod
    def forward(ctx, x, logits, order, back):
        with torch.no_grad():
            ctx.order = order
            x = torch.gather(x, 2, back.unsqueeze(-1).expand(x.shape))
            logits = torch.gather(logits, 2, back)
        return x, logits

    @staticmethod
    def backward(ctx, grad, grad_logits):
        order = ctx.order
        grad = torch.gather(grad, 2, order.unsqueeze(-1).expand(grad.shape))
        grad_logits = torch.gather(grad_logits, 2, order)
        return grad, grad_logits, None, None


class LSHSelfAttention(ChunkedAttention):
    """Queries are their own keys; tokens attend to those whose hash falls into the same bucket."""

    kind = "lsh"

    def __init__(self, config):
        super().__init__(config)
        size, width = config.hidden_size, self.heads * self.width
        self.hashes, self.buckets = config.num_hashes, config.num_buckets
        self.query_key = nn.Linear(size, width, bias=False)
        self.value = nn.Linear(size, width, bias=False)
        self.constant("self_mask_value_float16", -1e3)
        self.constant("self_mask_value_float32", -1e5)
        self.constant("mask_value_float16", -1e4)
        self.constant("mask_value_float32", -1e9)

    def count(self, length):
        """How many buckets a text has: twice as many as chunks, as a power of two; in two factors where they are many."""
        if self.buckets is None:
            power = (2 * (length // self.length)).bit_length() - 1
            longest = self.config.max_position_embeddings // self.length
            most = 2 * max(int(longest**0.5), self.length)
            self.buckets = 2**power if 2**power <= most else [2 ** (power // 2), 2 ** (power - power // 2)]
        return [self.buckets] if isinstance(self.buckets, int) else self.buckets

    def hashed(self, x, padding, factors):
        """The bucket of each token for each hash, `[B, heads, hashes · T]`."""
        batch = x.shape[0]
        count = math.prod(factors)
        x = x.detach()
        turns = torch.randn((self.heads, x.shape[-1], self.hashes, sum(factors) // 2), device=x.device, dtype=x.dtype)
        turned = torch.einsum("bmtd,mdhr->bmhtr", x, turns)
        buckets, start, product = None, 0, 1
        for factor in factors:
            part = turned if len(factors) == 1 else turned[..., start : start + factor // 2]
            start += factor // 2
            best = torch.argmax(torch.cat([part, -part], dim=-1), dim=-1)
            buckets = best if buckets is None else buckets + product * best
            product *= factor
        if padding is not None:
            count += 1
            real = padding.to(torch.bool)[:, None, None, :].expand(buckets.shape)
            buckets = torch.where(real, buckets, torch.tensor(count - 1, dtype=torch.long, device=buckets.device))
        offsets = (torch.arange(self.hashes, device=x.device) * count).view((1, 1, -1, 1))
        offsets = offsets.expand((batch, self.heads) + offsets.shape[-2:])
        return (buckets + offsets).flatten(start_dim=2, end_dim=3)

    def sorted(self, buckets):
        """The order of tokens by bucket, and the way back."""
        with torch.no_grad():
            length = buckets.shape[-1]
            places = torch.arange(length, device=buckets.device).view(1, 1, -1).expand(buckets.shape)
            order = torch.argsort(length * buckets + places % length, dim=-1)
            indices = torch.arange(length, device=buckets.device).view(1, 1, -1).expand(order.shape)
            back = order.new(*order.size())
            back.scatter_(-1, order, indices)
        return order, back

    def gathered(self, x, order):
        places = order.unsqueeze(-1).expand(-1, -1, -1, self.width)
        x = x.repeat(1, 1, self.hashes, 1)
        return torch.gather(x, 2, places)

    def forward(self, x, padding=None, buckets=None):
        batch, length = x.shape[:2]
        query = self.query_key(x)
        value = self.value(x)
        query, value = self.split(query), self.split(value)
        del x
        whole = length <= self.length
        if whole:
            places = torch.arange(length, device=query.device).repeat(batch, self.heads, 1)
        else:
            factors = self.count(length)
            if buckets is None:
                buckets = self.hashed(query, padding, factors)
            else:
                buckets = buckets.view(batch, self.heads, self.hashes * length)
            order, back = self.sorted(buckets)
            places = order % length
            query, value = self.gathered(query, places), self.gathered(value, places)
            query, value = self.chunks(query), self.chunks(value)
        variance = torch.mean(query**2, -1, keepdim=True)
        key = query * torch.rsqrt(variance + 1e-6)
        key = key / math.sqrt(self.width)
        out, logits, weights = self.attend(query, key, value, places, padding, whole)
        del query, key, value
        if not whole:
            out, logits = Unsorted.apply(out, logits, order, back)
            if self.hashes > 1:
                out = torch.reshape(out, (batch, self.heads, self.hashes, length, self.width))
                logits = torch.reshape(logits, (batch, self.heads, self.hashes, length)).unsqueeze(-1)
                shares = torch.exp(logits - torch.logsumexp(logits, dim=2, keepdim=True))
                out = torch.sum(out * shares, dim=2)
        out = self.merged(out)
        return out, None if buckets is None else buckets.view(batch, self.heads, self.hashes, -1)

    def attend(self, query, key, value, places, padding, whole):
        if not whole:
            key = self.beside(key)
            value = self.beside(value)
        scores = torch.matmul(query, key.transpose(-1, -2))
        del query, key
        asked = known = places
        if not whole:
            asked = self.chunks(places)
            known = self.beside(asked)
        mask = None
        if padding is not None:
            mask = padding.to(torch.bool)[:, None, :]
            if not whole:
                mask = mask[:, None, :].expand(asked.shape[:-1] + (-1,))
                mask = torch.gather(mask, -1, known)
            mask = mask.unsqueeze(-2).expand(scores.shape)
        mask = self.seen(mask, asked, known)
        if mask is not None:
            scores = torch.where(mask, scores, self.chosen("mask_value", scores))
        del mask
        other = torch.ne(asked.unsqueeze(-1), known.unsqueeze(-2))
        scores = torch.where(other, scores, self.chosen("self_mask_value", scores))
        del other
        logits = torch.logsumexp(scores, dim=-1, keepdim=True)
        weights = torch.exp(scores - logits)
        del scores
        weights = F.dropout(weights, p=self.dropout, training=self.training)
        out = torch.matmul(weights, value)
        del value
        if out.ndim > 4:
            logits = logits.flatten(start_dim=2, end_dim=3).squeeze(-1)
            out = out.flatten(start_dim=2, end_dim=3)
        return out, logits, weights
