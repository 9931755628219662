"""Falcon: attention and feed-forward beside each other, one key head for all queries or one for each group, rotary positions or ALiBi."""
import math

import torch
from torch import nn
from torch.nn import functional as F

from .parts.activations import activation
from .parts.block import Block
from .parts.cache import Cache, keep
from .parts.config import Config
from .parts.heads import ForCausalLM, Model, SequenceHead, SpanHead, TokenHead
from .parts.masks import decoder_mask, is_eager
from .parts.output import Output
from .parts.rotary import RotaryEmbedding, rotate


class FalconConfig(Config):
    model_type = "falcon"
    rope_theta = 10000.0
    attribute_map = {"n_embed": "hidden_size"}
    defaults = dict(
        vocab_size=65024,
        hidden_size=4544,
        num_hidden_layers=32,
        num_attention_heads=71,
        layer_norm_epsilon=1e-5,
        hidden_dropout=0.0,
        attention_dropout=0.0,
        alibi=False,
        new_decoder_architecture=False,
        multi_query=True,
        parallel_attn=True,
        bias=False,
        max_position_embeddings=2048,
        activation="gelu",
    )

    def complete(self, given):
        if self.num_kv_heads is None:
            self.num_kv_heads = self.num_attention_heads
        if self.ffn_hidden_size is None:
            self.ffn_hidden_size = 4 * self.hidden_size
        if self.num_ln_in_parallel_attn is None and self.new_decoder_architecture:
            self.num_ln_in_parallel_attn = 2
        self.head_dim = self.hidden_size // self.num_attention_heads


class FalconLinear(nn.Linear):
    """A product, and the bias added behind it."""

    def forward(self, x):
        out = x @ self.weight.T
        return out if self.bias is None else out + self.bias


class FalconAttention(nn.Module):
    def __init__(self, config, layer):
        super().__init__()
        self.config, self.layer = config, layer
        size, heads = config.hidden_size, config.num_attention_heads
        if size % heads != 0:
            raise ValueError(f"hidden_size {size} is not a multiple of num_attention_heads {heads}")
        self.head_dim = size // heads
        width = 3 * size
        if config.new_decoder_architecture:
            width = (2 * config.num_kv_heads + heads) * self.head_dim
        elif config.multi_query:
            width = size + 2 * self.head_dim
        self.query_key_value = FalconLinear(size, width, bias=config.bias)
        self.dense = FalconLinear(size, size, bias=config.bias)
        self.attention_dropout = nn.Dropout(config.attention_dropout)

    def heads(self, fused):
        """Queries, keys and values, `[B, T, heads, width]` each."""
        config = self.config
        batch, length, _ = fused.shape
        if config.new_decoder_architecture:
            fused = fused.view(batch, length, -1, config.num_attention_heads // config.num_kv_heads + 2, self.head_dim)
            query = fused[:, :, :, :-2]
            key, value = (torch.broadcast_to(fused[:, :, :, [i]], query.shape) for i in (-2, -1))
            return [one.flatten(2, 3) for one in (query, key, value)]
        if config.multi_query:
            fused = fused.view(batch, length, config.num_attention_heads + 2, self.head_dim)
            return fused[..., :-2, :], fused[..., [-2], :], fused[..., [-1], :]
        fused = fused.view(batch, length, config.num_attention_heads, 3, self.head_dim)
        return [fused[..., i, :] for i in range(3)]

    def turned(self, x):
        """`[B, T, heads, width]` → `[B, heads, T, width]`."""
        return x.transpose(1, 2).reshape(x.shape[0], -1, x.shape[1], self.head_dim)

    def forward(self, x, alibi=None, mask=None, positions=None, cache=None):
        fused = self.query_key_value(x)
        query, key, value = self.heads(fused)
        query = self.turned(query)
        key = self.turned(key)
        value = self.turned(value)
        if alibi is None:
            query, key = rotate(query, key, positions)
        key, value = keep(key, value, cache, self.layer)
        attend = self.written if is_eager(self.config) else self.at_once
        out, weights = attend(query, key, value, alibi, mask)
        out = out.permute(0, 2, 1, 3)
        out = out.reshape(*x.shape[:-1], -1)
        return self.dense(out), weights

    def at_once(self, query, key, value, alibi, mask):
        dropout = self.attention_dropout.p if alibi is not None and self.training else 0.0
        causal = mask is None and query.shape[2] > 1
        return F.scaled_dot_product_attention(query, key, value, attn_mask=mask, dropout_p=dropout, is_causal=causal), None

    def written(self, query, key, value, alibi, mask):
        scores = query @ key.transpose(-1, -2)
        if alibi is None:
            scores /= math.sqrt(self.head_dim)
            scores = F.softmax(scores + mask, dim=-1, dtype=query.dtype)
            return scores @ value, scores
        wide = scores.to(torch.float32)
        logits = wide + alibi.view(query.shape[0], query.shape[1], 1, -1)
        logits *= 1.0 / math.sqrt(self.head_dim)
        weights = F.softmax(logits + mask, dim=-1, dtype=query.dtype)
        weights = self.attention_dropout(weights)
        return weights @ value, weights


class FalconMLP(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.dense_h_to_4h = FalconLinear(config.hidden_size, config.ffn_hidden_size, bias=config.bias)
        self.act = activation(config.activation)
        self.dense_4h_to_h = FalconLinear(config.ffn_hidden_size, config.hidden_size, bias=config.bias)

    def forward(self, x):
        x = self.act(self.dense_h_to_4h(x))
        return self.dense_4h_to_h(x)


class FalconDecoderLayer(Block):
    def __init__(self, config, layer):
        super().__init__()
        self.config = config
        self.self_attention = FalconAttention(config, layer)
        self.mlp = FalconMLP(config)
        names = ["input_layernorm"]
        if not config.parallel_attn:
            names = ["post_attention_layernorm", "input_layernorm"]
        elif config.num_ln_in_parallel_attn == 2:
            names = ["ln_attn", "ln_mlp"]
        for name in names:
            setattr(self, name, nn.LayerNorm(config.hidden_size, eps=config.layer_norm_epsilon))

    def forward(self, x, alibi=None, mask=None, positions=None, cache=None):
        config = self.config
        beside = config.new_decoder_architecture or config.parallel_attn
        if config.new_decoder_architecture and config.num_ln_in_parallel_attn == 2:
            normed, inner = self.ln_attn(x), self.ln_mlp(x)
        else:
            normed = inner = self.input_layernorm(x)
        attended, weights = self.self_attention(normed, alibi, mask, positions, cache)
        if not beside:
            x = x + F.dropout(attended, p=config.attention_dropout, training=self.training)
            inner = self.post_attention_layernorm(x)
        fed = self.mlp(inner)
        if beside:
            fed += attended
        return x + F.dropout(fed, p=config.hidden_dropout, training=self.training), weights


def slopes(heads, device):
    """How fast each head's scores fall."""
    near = 2 ** math.floor(math.log2(heads))
    parts = [powers(near, 1 + near, 1, device)]
    if near != heads:
        parts.append(powers(2 * near, 1 + 2 * (heads - near), 2, device))
    return parts[0] if len(parts) == 1 else torch.cat(parts, dim=0)


def powers(count, end, step, device):
    base = torch.full((), 2 ** (-(2 ** -(math.log2(count) - 3))), device=device, dtype=torch.float32)
    return torch.pow(base, torch.arange(1, end, step, device=device, dtype=torch.int32))


class FalconModel(Model):
    embed_name = "word_embeddings"

    def __init__(self, config):
        super().__init__(config)
        self.word_embeddings = nn.Embedding(config.vocab_size, config.hidden_size)
        self.h = nn.ModuleList([FalconDecoderLayer(config, i) for i in range(config.num_hidden_layers)])
        self.ln_f = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_epsilon)
        self.rotary_emb = RotaryEmbedding(config)

    def alibi(self, x, padding, past):
        """`[B · heads, 1, T]`: what is added to the scores."""
        real = torch.ones((x.shape[0], x.shape[1] + past), device=x.device, dtype=torch.long) if padding is None else padding
        places = ((real.cumsum(dim=-1) - 1) * real)[:, None, :]
        falling = slopes(self.config.num_attention_heads, x.device)[..., None].bfloat16() * places
        return falling.reshape(-1, 1, real.shape[1]).to(x.dtype)

    def joined(self, alibi, mask, x):
        """ALiBi and the mask as numbers that are added to the scores."""
        least = torch.finfo(x.dtype).min
        if mask.dtype == torch.bool:
            mask = torch.where(mask, torch.full((), 0.0, device=mask.device, dtype=x.dtype), least)
        alibi = alibi.reshape(x.shape[0], -1, *alibi.shape[1:])
        return alibi, torch.masked_fill(alibi / math.sqrt(self.config.head_dim), mask < -1, least)

    def forward(self, input_ids=None, past_key_values=None, attention_mask=None, position_ids=None, inputs_embeds=None, use_cache=None, **kwargs):
        use_cache = self.caches(use_cache)
        if inputs_embeds is None:
            inputs_embeds = self.word_embeddings(input_ids)
        cache = Cache() if use_cache and past_key_values is None else past_key_values
        past = 0 if cache is None else cache.length()
        x = inputs_embeds
        alibi = self.alibi(x, attention_mask, past) if self.config.alibi else None
        if position_ids is None:
            position_ids = torch.arange(x.shape[1], device=x.device) + past
            position_ids = position_ids.unsqueeze(0)
        mask = decoder_mask(self.config, x, attention_mask, None, cache, skips=False)
        if alibi is not None:
            alibi, mask = self.joined(alibi, mask, x)
        positions = self.rotary_emb(x, position_ids)
        for block in self.h:
            outputs = block(x, alibi, mask, positions, cache)
            x = outputs[0]
        x = self.ln_f(x)
        return Output(last_hidden_state=x, past_key_values=cache)


class FalconForCausalLM(ForCausalLM):
    base, name = FalconModel, "transformer"


class FalconForSequenceClassification(SequenceHead):
    base, name = FalconModel, "transformer"


class FalconForTokenClassification(TokenHead):
    base, name, head = FalconModel, "transformer", "classifier"


class FalconForQuestionAnswering(SpanHead):
    base, name = FalconModel, "transformer"
