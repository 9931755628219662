"""Multi-head latent attention: keys and values are expanded from a short vector, which is what is cached."""
import torch
from torch import nn

from .attention import RMSNorm, attend
from .cache import keep
from .masks import is_eager
from .rotary import rotate, rotate_interleaved


class LatentAttention(nn.Module):
    """DeepSeek's attention. Each head has a part with positions, whose key all heads share, and a part without."""

    pairs = True

    def __init__(self, config, layer):
        super().__init__()
        self.config, self.layer = config, layer
        heads, size = config.num_attention_heads, config.hidden_size
        self.plain, self.turned, self.width = config.qk_nope_head_dim, config.qk_rope_head_dim, config.v_head_dim
        self.scale = (self.plain + self.turned) ** -0.5
        queries = heads * (self.plain + self.turned)
        if config.q_lora_rank is None:
            self.q_proj = nn.Linear(size, queries, bias=False)
        else:
            self.q_a_proj = nn.Linear(size, config.q_lora_rank, bias=config.attention_bias)
            self.q_a_layernorm = RMSNorm(config.q_lora_rank)
            self.q_b_proj = nn.Linear(config.q_lora_rank, queries, bias=False)
        self.kv_a_proj_with_mqa = nn.Linear(size, config.kv_lora_rank + self.turned, bias=config.attention_bias)
        self.kv_a_layernorm = RMSNorm(config.kv_lora_rank)
        self.kv_b_proj = nn.Linear(config.kv_lora_rank, heads * (self.plain + self.width), bias=False)
        self.o_proj = nn.Linear(heads * self.width, size, bias=config.attention_bias)

    def queries(self, x):
        if self.config.q_lora_rank is None:
            return self.q_proj(x)
        return self.q_b_proj(self.q_a_layernorm(self.q_a_proj(x)))

    def scaled(self, query_plain, query_turned, latent):
        return query_plain, query_turned, latent

    def grown(self, query, positions):
        return query

    def forward(self, x, positions=None, mask=None, cache=None):
        batch, length = x.shape[:-1]
        both = self.queries(x).view(batch, length, -1, self.plain + self.turned).transpose(1, 2)
        query_plain, query_turned = both.split([self.plain, self.turned], dim=-1)
        squeezed = self.kv_a_proj_with_mqa(x)
        latent, key_turned = squeezed.split([self.config.kv_lora_rank, self.turned], dim=-1)
        latent = self.kv_a_layernorm(latent)
        query_plain, query_turned, latent = self.scaled(query_plain, query_turned, latent)
        latent = latent.view(batch, 1, length, -1)
        key_turned = key_turned.view(batch, 1, length, self.turned)
        turn = rotate_interleaved if self.pairs and self.config.rope_interleave is not False else rotate
        if positions is not None:
            query_turned, key_turned = turn(query_turned, key_turned, positions[:2])
        latent, key_turned = keep(latent, key_turned, cache, self.layer)
        query = both if positions is None else self.grown(torch.cat((query_plain, query_turned), dim=-1), positions)
        key, value = self.expanded(latent, key_turned)
        dropout = (self.config.attention_dropout or 0.0) if self.training else 0.0
        eager = is_eager(self.config)
        out, weights = attend(query, key, value, mask, causal=True, scale=self.scale, dropout=dropout, eager=eager)
        out = out.reshape(batch, length, -1)
        out = self.o_proj(out)
        return out, weights

    def expanded(self, latent, key_turned):
        """Every head's keys and values."""
        batch, _, length, _ = latent.shape
        both = self.kv_b_proj(latent).view(batch, length, -1, self.plain + self.width).transpose(1, 2)
        plain, value = both.split([self.plain, self.width], dim=-1)
        key = both.new_empty(*both.shape[:-1], self.plain + self.turned)
        key[..., : self.plain].copy_(plain)
        key[..., self.plain :].copy_(key_turned.expand(-1, both.shape[1], -1, -1))
        return key, value
