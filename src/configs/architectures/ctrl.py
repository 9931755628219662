"""CTRL: a decoder with sines for positions, added to embeddings that are scaled up."""
import math

import torch
from torch import nn

from .parts.attention import attend, split_heads
from .parts.cache import Cache, keep
from .parts.config import Config
from .parts.heads import ForCausalLM, Model, SequenceHead
from .parts.masks import decoder_mask, is_eager
from .parts.output import Output


class CTRLConfig(Config):
    model_type = "ctrl"
    attribute_map = {
        "max_position_embeddings": "n_positions",
        "hidden_size": "n_embd",
        "num_attention_heads": "n_head",
        "num_hidden_layers": "n_layer",
    }
    defaults = dict(
        vocab_size=246534,
        n_positions=256,
        n_embd=1280,
        dff=8192,
        n_layer=48,
        n_head=16,
        resid_pdrop=0.1,
        embd_pdrop=0.1,
        layer_norm_epsilon=1e-6,
    )


class MultiHeadAttention(nn.Module):
    def __init__(self, config, layer):
        super().__init__()
        self.config, self.layer = config, layer
        size = config.n_embd
        self.head_dim = size // config.n_head
        self.Wq = nn.Linear(size, size)
        self.Wk = nn.Linear(size, size)
        self.Wv = nn.Linear(size, size)
        self.dense = nn.Linear(size, size)

    def forward(self, x, mask=None, cache=None):
        query, key, value = (split_heads(proj(x), self.head_dim) for proj in (self.Wq, self.Wk, self.Wv))
        key, value = keep(key, value, cache, self.layer)
        eager = is_eager(self.config)
        out, weights = attend(query, key, value, mask, True, self.head_dim**-0.5, 0.0, eager, wide=False)
        out = out.reshape(*x.shape[:-1], -1)
        out = self.dense(out)
        return out, weights


class EncoderLayer(nn.Module):
    def __init__(self, config, layer):
        super().__init__()
        size = config.n_embd
        self.multi_head_attention = MultiHeadAttention(config, layer)
        self.ffn = nn.Sequential(nn.Linear(size, config.dff), nn.ReLU(), nn.Linear(config.dff, size))
        self.layernorm1 = nn.LayerNorm(size, eps=1e-6)
        self.layernorm2 = nn.LayerNorm(size, eps=1e-6)
        self.dropout1 = nn.Dropout(config.resid_pdrop)
        self.dropout2 = nn.Dropout(config.resid_pdrop)

    def forward(self, x, mask=None, cache=None):
        normed = self.layernorm1(x)
        out, weights = self.multi_head_attention(normed, mask, cache)
        out = self.dropout1(out)
        first = x + out
        second = self.layernorm2(first)
        fed = self.ffn(second)
        fed = self.dropout2(fed)
        return first + fed


class CTRLModel(Model):
    embed_name = "w"

    def __init__(self, config):
        super().__init__(config)
        size = config.n_embd
        self.w = nn.Embedding(config.vocab_size, size)
        self.dropout = nn.Dropout(config.embd_pdrop)
        self.h = nn.ModuleList([EncoderLayer(config, i) for i in range(config.n_layer)])
        self.layernorm = nn.LayerNorm(size, eps=config.layer_norm_epsilon)
        places = torch.arange(config.n_positions, dtype=torch.float).unsqueeze(1)
        angles = places / torch.pow(10000, 2 * (torch.arange(size) // 2) / size)
        table = torch.cat([torch.sin(angles[:, 0::2]), torch.cos(angles[:, 1::2])], dim=-1)
        self.register_buffer("pos_encoding", table, persistent=False)

    def forward(self, input_ids=None, attention_mask=None, past_key_values=None, inputs_embeds=None, use_cache=None, **kwargs):
        if inputs_embeds is None:
            inputs_embeds = self.w(input_ids)
        use_cache = self.caches(use_cache)
        cache = Cache() if use_cache and past_key_values is None else past_key_values
        past = 0 if cache is None else cache.length()
        places = torch.arange(past, inputs_embeds.shape[1] + past, dtype=torch.long, device=inputs_embeds.device)
        places = places.unsqueeze(0)
        mask = decoder_mask(self.config, inputs_embeds, attention_mask, None, cache, places)
        inputs_embeds *= math.sqrt(self.config.n_embd)
        place = self.pos_encoding[places, :]
        x = inputs_embeds + place + 0
        x = self.dropout(x)
        for layer in self.h:
            x = layer(x, mask, cache)
        return Output(last_hidden_state=self.layernorm(x), past_key_values=cache if use_cache else None)


class CTRLLMHeadModel(ForCausalLM):
    base, name, bias = CTRLModel, "transformer", True


class CTRLForSequenceClassification(SequenceHead):
    base, name, score_name = CTRLModel, "transformer", "classifier"
