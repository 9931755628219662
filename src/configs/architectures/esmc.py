"""ESM C: an encoder of proteins with rotary positions, normalised queries and keys, and branches scaled by depth."""
import math

import torch
from torch import nn

from .parts.attention import attend, split_heads
from .parts.block import Block
from .parts.config import Config, head_size
from .parts.decoder import GatedMLP
from .parts.encoder_heads import ClassificationHead
from .parts.heads import Model, TokenHead
from .parts.losses import classification_loss, masked_loss
from .parts.masks import is_eager, padding_mask
from .parts.output import Output
from .parts.rotary import RotaryEmbedding, rotate


class EsmcConfig(Config):
    model_type = "esmc"
    whole_heads = True
    rope_theta = 10000.0
    defaults = dict(
        vocab_size=64,
        hidden_size=2560,
        intermediate_size=6912,
        num_hidden_layers=80,
        num_attention_heads=40,
        num_key_value_heads=None,
        hidden_act="silu",
        max_position_embeddings=2048,
        pad_token_id=1,
        tie_word_embeddings=False,
        attention_bias=False,
        attention_dropout=0.0,
        mlp_bias=False,
        head_dim=None,
        classifier_dropout=0.1,
    )

    def complete(self, given):
        keys = self.num_key_value_heads
        if keys is not None and keys != self.num_attention_heads:
            raise ValueError(f"num_key_value_heads {keys} is not num_attention_heads {self.num_attention_heads}")


class EsmcAttention(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config, self.head_dim = config, head_size(config)
        size, width, bias = config.hidden_size, config.num_attention_heads * head_size(config), config.attention_bias
        self.q_proj = nn.Linear(size, width, bias=bias)
        self.k_proj = nn.Linear(size, width, bias=bias)
        self.v_proj = nn.Linear(size, width, bias=bias)
        self.o_proj = nn.Linear(width, size, bias=bias)
        self.q_norm = nn.LayerNorm(size, bias=False)
        self.k_norm = nn.LayerNorm(size, bias=False)

    def forward(self, x, positions, mask=None):
        query = self.q_norm(self.q_proj(x)).to(x.dtype)
        key = self.k_norm(self.k_proj(x)).to(x.dtype)
        value = self.v_proj(x)
        query, key, value = (split_heads(one, self.head_dim) for one in (query, key, value))
        query, key = rotate(query, key, positions)
        dropout = self.config.attention_dropout if self.training else 0.0
        eager = is_eager(self.config)
        out, weights = attend(query, key, value, mask, False, self.head_dim**-0.5, dropout, eager, wide=False)
        out = out.reshape(*x.shape[:-1], -1)
        return self.o_proj(out), weights


class EsmcLayer(Block):
    def __init__(self, config):
        super().__init__()
        self.self_attn = EsmcAttention(config)
        self.mlp = GatedMLP(config, bias=config.mlp_bias)
        self.input_layernorm = nn.LayerNorm(config.hidden_size)
        self.post_attention_layernorm = nn.LayerNorm(config.hidden_size)
        self.scale = math.sqrt(config.num_hidden_layers / 36)

    def forward(self, x, mask=None, positions=None):
        out, weights = self.self_attn(self.input_layernorm(x), positions, mask)
        x = x + out / self.scale
        return x + self.mlp(self.post_attention_layernorm(x)) / self.scale


class EsmcModel(Model):
    def __init__(self, config):
        super().__init__(config)
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.rotary_emb = RotaryEmbedding(config)
        self.layers = nn.ModuleList([EsmcLayer(config) for _ in range(config.num_hidden_layers)])
        self.norm = nn.LayerNorm(config.hidden_size, bias=False)

    def forward(self, input_ids=None, attention_mask=None, position_ids=None, **kwargs):
        x = self.embed_tokens(input_ids)
        if position_ids is None:
            position_ids = torch.arange(x.shape[1], device=x.device).unsqueeze(0)
        positions = self.rotary_emb(x, position_ids)
        mask = padding_mask(self.config, x, attention_mask)
        for layer in self.layers:
            x = layer(x, mask, positions)
        return Output(last_hidden_state=self.norm(x))


class EsmcMaskedLMHead(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.dense = nn.Linear(config.hidden_size, config.hidden_size)
        self.layer_norm = nn.LayerNorm(config.hidden_size)
        self.decoder = nn.Linear(config.hidden_size, config.vocab_size)

    def forward(self, x):
        return self.decoder(self.layer_norm(nn.functional.gelu(self.dense(x))))


class EsmcForMaskedLM(Model):
    def __init__(self, config):
        super().__init__(config)
        self.esmc = EsmcModel(config)
        self.lm_head = EsmcMaskedLMHead(config)

    def forward(self, input_ids=None, labels=None, **kwargs):
        logits = self.lm_head(self.esmc(input_ids, **kwargs).last_hidden_state)
        return Output(loss=None if labels is None else masked_loss(logits, labels, self.config.vocab_size), logits=logits)


class EsmcForSequenceClassification(Model):
    def __init__(self, config):
        super().__init__(config)
        self.esmc = EsmcModel(config)
        self.classifier = ClassificationHead(config)

    def forward(self, input_ids=None, labels=None, **kwargs):
        logits = self.classifier(self.esmc(input_ids, **kwargs).last_hidden_state)
        return Output(loss=None if labels is None else classification_loss(logits, labels, self.config), logits=logits)


class EsmcForTokenClassification(TokenHead):
    base, name = EsmcModel, "esmc"
