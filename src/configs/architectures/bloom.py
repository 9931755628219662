"""BLOOM: a decoder without positions, whose scores fall with distance."""
import math

import torch
from torch import nn
from torch.nn import functional as F

from .parts.block import Block
from .parts.cache import Cache, keep
from .parts.config import Config
from .parts.heads import ForCausalLM, Model, SequenceHead, SpanHead, TokenHead
from .parts.masks import decoder_mask
from .parts.output import Output


class BloomConfig(Config):
    model_type = "bloom"
    eager_only = True
    attribute_map = {"num_hidden_layers": "n_layer", "num_attention_heads": "n_head", "n_embed": "hidden_size"}
    defaults = dict(
        vocab_size=250880,
        hidden_size=64,
        n_layer=2,
        n_head=8,
        layer_norm_epsilon=1e-5,
        apply_residual_connection_post_layernorm=False,
        hidden_dropout=0.0,
        attention_dropout=0.0,
    )


def bloom_gelu(x):
    return x * 0.5 * (1.0 + torch.tanh(0.79788456 * x * (1 + 0.044715 * x * x)))


class SavingGelu(torch.autograd.Function):
    """The activation with its input alone kept."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return bloom_gelu(x)

    @staticmethod
    def backward(ctx, grad):
        (x,) = ctx.saved_tensors
        inner = torch.tanh(0.79788456 * x * (1 + 0.044715 * x * x))
        slope = 0.5 * x * ((1 - inner * inner) * (0.79788456 + 0.1070322243 * x * x)) + 0.5 * (1 + inner)
        return slope * grad


class BloomGelu(nn.Module):
    def forward(self, x):
        return SavingGelu.apply(x) if self.training else bloom_gelu(x)


class BloomAttention(nn.Module):
    def __init__(self, config, layer):
        super().__init__()
        self.config, self.layer = config, layer
        size = config.hidden_size
        if size % config.n_head != 0:
            raise ValueError(f"hidden_size {size} is not a multiple of n_head {config.n_head}")
        self.head_dim = size // config.n_head
        self.query_key_value = nn.Linear(size, 3 * size)
        self.dense = nn.Linear(size, size)
        self.attention_dropout = nn.Dropout(config.attention_dropout)

    def forward(self, x, alibi, mask, cache=None):
        batch, length, _ = x.shape
        fused = self.query_key_value(x).view(batch, length, self.config.n_head, 3, self.head_dim)
        query, key, value = (fused[..., i, :].transpose(1, 2) for i in range(3))
        key, value = keep(key, value, cache, self.layer)
        query, key, value = (one.reshape(batch * self.config.n_head, -1, self.head_dim) for one in (query, key, value))
        scores = alibi.baddbmm(query, key.transpose(-1, -2), beta=1.0, alpha=1.0 / math.sqrt(self.head_dim))
        scores = scores.view(batch, self.config.n_head, length, -1)
        scores = scores + mask
        weights = F.softmax(scores, dim=-1, dtype=torch.float32).to(query.dtype)
        weights = self.attention_dropout(weights)
        out = torch.bmm(weights.view(batch * self.config.n_head, length, -1), value)
        out = out.view(batch, self.config.n_head, length, self.head_dim).permute(0, 2, 1, 3)
        out = out.reshape(batch, length, -1)
        return self.dense(out), weights


class BloomMLP(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.dense_h_to_4h = nn.Linear(config.hidden_size, 4 * config.hidden_size)
        self.gelu_impl = BloomGelu()
        self.dense_4h_to_h = nn.Linear(4 * config.hidden_size, config.hidden_size)

    def forward(self, x):
        return self.dense_4h_to_h(self.gelu_impl(self.dense_h_to_4h(x)))


class BloomBlock(Block):
    def __init__(self, config, layer):
        super().__init__()
        self.config = config
        self.input_layernorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_epsilon)
        self.self_attention = BloomAttention(config, layer)
        self.post_attention_layernorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_epsilon)
        self.mlp = BloomMLP(config)

    def added(self, out, residual):
        return residual + F.dropout(out, p=self.config.hidden_dropout, training=self.training)

    def forward(self, x, alibi, mask, cache=None):
        behind = self.config.apply_residual_connection_post_layernorm
        normed = self.input_layernorm(x)
        residual = normed if behind else x
        attended, weights = self.self_attention(normed, alibi, mask, cache)
        attended = self.added(attended, residual)
        normed = self.post_attention_layernorm(attended)
        residual = normed if behind else attended
        return self.added(self.mlp(normed), residual), weights


def slopes(heads):
    """How fast each head's scores fall."""
    power = 2 ** math.floor(math.log2(heads))
    found = [2 ** (-(2 ** -(math.log2(power) - 3)) * (i + 1)) for i in range(power)]
    more = [2 ** (-(2 ** -(math.log2(2 * power) - 3)) * (i + 1)) for i in range(0, 2 * (heads - power), 2)]
    return torch.tensor(found + more)


class BloomModel(Model):
    embed_name = "word_embeddings"

    def __init__(self, config):
        super().__init__(config)
        self.word_embeddings = nn.Embedding(config.vocab_size, config.hidden_size)
        self.word_embeddings_layernorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_epsilon)
        self.h = nn.ModuleList([BloomBlock(config, i) for i in range(config.n_layer)])
        self.ln_f = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_epsilon)

    def forward(self, input_ids=None, attention_mask=None, past_key_values=None, inputs_embeds=None, use_cache=None, **kwargs):
        if inputs_embeds is None:
            inputs_embeds = self.word_embeddings(input_ids)
        use_cache = self.caches(use_cache)
        cache = Cache() if use_cache and past_key_values is None else past_key_values
        length = inputs_embeds.shape[1] + (0 if cache is None else cache.length())
        x = self.word_embeddings_layernorm(inputs_embeds)
        real = torch.ones(x.shape[0], length, device=x.device) if attention_mask is None else attention_mask
        places = ((real.cumsum(dim=-1) - 1) * real)[:, None, :]
        alibi = slopes(self.config.n_head).to(x.device)[..., None] * places
        alibi = alibi.reshape(x.shape[0] * self.config.n_head, 1, length).to(x.dtype)
        mask = decoder_mask(self.config, inputs_embeds, real, None, cache)
        for block in self.h:
            outputs = block(x, alibi, mask, cache)
            x = outputs[0]
        x = self.ln_f(x)
        return Output(last_hidden_state=x, past_key_values=cache if use_cache else None)


class BloomForCausalLM(ForCausalLM):
    base, name = BloomModel, "transformer"


class BloomForSequenceClassification(SequenceHead):
    base, name = BloomModel, "transformer"


class BloomForTokenClassification(TokenHead):
    base, name, head = BloomModel, "transformer", "classifier"


class BloomForQuestionAnswering(SpanHead):
    base, name = BloomModel, "transformer"
