"""MPT: a decoder without biases and positions, whose scores fall with distance."""
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


class MptConfig(Config):
    model_type = "mpt"
    eager_only = True
    attribute_map = {"num_attention_heads": "n_heads", "hidden_size": "d_model", "num_hidden_layers": "n_layers"}
    defaults = dict(
        d_model=2048,
        n_heads=16,
        n_layers=24,
        expansion_ratio=4,
        max_seq_len=2048,
        vocab_size=50368,
        layer_norm_epsilon=1e-5,
        use_cache=False,
    )

    def complete(self, given):
        own = self.attn_config or {}
        self.attn_pdrop, self.clip_qkv, self.softmax_scale = own.get("attn_pdrop") or 0, own.get("clip_qkv"), own.get("softmax_scale")


class MptAttention(nn.Module):
    def __init__(self, config, layer):
        super().__init__()
        self.config, self.layer = config, layer
        size, heads = config.d_model, config.n_heads
        if size % heads != 0:
            raise ValueError(f"d_model {size} is not a multiple of n_heads {heads}")
        self.head_dim = size // heads
        self.scale = self.head_dim**-0.5 if config.softmax_scale is None else config.softmax_scale
        self.Wqkv = nn.Linear(size, 3 * size, bias=False)
        self.out_proj = nn.Linear(size, size, bias=False)

    def forward(self, x, slopes, mask, cache=None):
        batch, length, size = x.shape
        clip = self.config.clip_qkv
        fused = self.Wqkv(x)
        if clip:
            fused = fused.clamp(min=-clip, max=clip)
        query, key, value = (one.reshape(batch, length, -1, self.head_dim).transpose(1, 2) for one in fused.chunk(3, dim=2))
        key, value = keep(key, value, cache, self.layer)
        scores = torch.matmul(query, key.transpose(-1, -2)) * self.scale
        scores = scores + slopes[:, :, max(0, slopes.shape[2] - key.shape[-2]) :]
        scores = scores.masked_fill(mask, torch.finfo(query.dtype).min)
        weights = F.softmax(scores.float(), dim=-1).to(value.dtype)
        weights = F.dropout(weights, p=self.config.attn_pdrop, training=self.training)
        out = torch.matmul(weights, value)
        out = out.permute(0, 2, 1, 3).contiguous().view(batch, length, -1)
        return self.out_proj(out), weights


class MptMLP(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.dropout = config.attn_pdrop
        self.up_proj = nn.Linear(config.d_model, 4 * config.d_model, bias=False)
        self.act = nn.GELU()
        self.down_proj = nn.Linear(4 * config.d_model, config.d_model, bias=False)

    def forward(self, x, before):
        x = self.act(self.up_proj(x))
        out = F.dropout(self.down_proj(x), p=self.dropout, training=self.training)
        return out + before


def plain_norm(config):
    """LayerNorm without a bias."""
    return nn.LayerNorm(config.d_model, eps=config.layer_norm_epsilon, bias=False)


class MptBlock(Block):
    def __init__(self, config, layer):
        super().__init__()
        self.norm_1 = plain_norm(config)
        self.attn = MptAttention(config, layer)
        self.norm_2 = plain_norm(config)
        self.ffn = MptMLP(config)
        self.resid_attn_dropout = nn.Dropout(config.attn_pdrop)

    def forward(self, x, slopes=None, mask=None, cache=None):
        normed = self.norm_1(x)
        out, weights = self.attn(normed, slopes, mask, cache)
        x = self.resid_attn_dropout(out) + x
        normed = self.norm_2(x)
        return self.ffn(normed, x), weights


def falling(heads, length, device):
    """`[heads, 1, length]`: what is added to each head's scores, nothing at the last key and less before."""
    distances = torch.arange(1 - length, 1, dtype=torch.int32, device=device).view(1, 1, 1, length)
    power = 2 ** math.ceil(math.log2(heads))
    steps = torch.arange(1, power + 1, dtype=torch.int64, device=device).float()
    steps = steps * (8 / power)
    slopes = 1.0 / torch.pow(2, steps)
    slopes = slopes.view(1, power, 1, 1)
    if power != heads:
        slopes = torch.cat([slopes[:, 1::2], slopes[:, ::2]], dim=1)[:, :heads]
    return (distances * slopes).squeeze(0)


class MptModel(Model):
    embed_name = "wte"

    def __init__(self, config):
        super().__init__(config)
        self.wte = nn.Embedding(config.vocab_size, config.d_model)
        self.blocks = nn.ModuleList([MptBlock(config, i) for i in range(config.n_layers)])
        self.norm_f = plain_norm(config)

    def forward(self, input_ids=None, past_key_values=None, attention_mask=None, inputs_embeds=None, use_cache=None, **kwargs):
        use_cache = self.caches(use_cache)
        if inputs_embeds is None:
            inputs_embeds = self.wte(input_ids)
        cache = Cache() if use_cache and past_key_values is None else past_key_values
        x = inputs_embeds
        slopes = falling(self.config.n_heads, self.config.max_seq_len, x.device)
        mask = decoder_mask(self.config, inputs_embeds, attention_mask, None, cache).to(torch.bool)
        for block in self.blocks:
            outputs = block(x, slopes, mask, cache)
            x = outputs[0]
        x = self.norm_f(x)
        return Output(last_hidden_state=x, past_key_values=cache)


class MptForCausalLM(ForCausalLM):
    base, name = MptModel, "transformer"


class MptForSequenceClassification(SequenceHead):
    base, name = MptModel, "transformer"


class MptForTokenClassification(TokenHead):
    base, name, head = MptModel, "transformer", "classifier"


class MptForQuestionAnswering(SpanHead):
    base, name = MptModel, "transformer"
