"""GPT: learned positions, one product for queries, keys and values, LayerNorm after each half, no cache."""
import math

import torch
from torch import nn
from torch.nn import functional as F

from .parts.activations import activation
from .parts.config import Config
from .parts.conv1d import Conv1D
from .parts.heads import ForCausalLM, Model, SequenceHead
from .parts.output import Output


class OpenAIGPTConfig(Config):
    model_type = "openai-gpt"
    eager_only = True
    attribute_map = {
        "max_position_embeddings": "n_positions",
        "hidden_size": "n_embd",
        "num_attention_heads": "n_head",
        "num_hidden_layers": "n_layer",
    }
    defaults = dict(
        vocab_size=40478,
        n_positions=512,
        n_embd=768,
        n_layer=12,
        n_head=12,
        afn="gelu",
        resid_pdrop=0.1,
        embd_pdrop=0.1,
        attn_pdrop=0.1,
        layer_norm_epsilon=1e-5,
    )


class OpenAIGPTAttention(nn.Module):
    def __init__(self, config):
        super().__init__()
        size, length = config.n_embd, config.n_positions
        if size % config.n_head != 0:
            raise ValueError(f"n_embd {size} is not a multiple of n_head {config.n_head}")
        self.heads = config.n_head
        self.register_buffer("bias", torch.tril(torch.ones(length, length)).view(1, 1, length, length), persistent=False)
        self.c_attn = Conv1D(3 * size, size)
        self.c_proj = Conv1D(size, size)
        self.attn_dropout = nn.Dropout(config.attn_pdrop)
        self.resid_dropout = nn.Dropout(config.resid_pdrop)

    def forward(self, x, mask=None):
        batch, length, size = x.shape
        query, key, value = (one.view(batch, length, self.heads, -1) for one in self.c_attn(x).split(size, dim=2))
        query, key, value = query.permute(0, 2, 1, 3), key.permute(0, 2, 3, 1), value.permute(0, 2, 1, 3)
        weights = torch.matmul(query, key)
        weights = weights / math.sqrt(value.size(-1))
        seen = self.bias[:, :, :length, :length]
        weights = weights * seen + -1e4 * (1 - seen)
        if mask is not None:
            weights = weights + mask
        weights = F.softmax(weights, dim=-1)
        weights = self.attn_dropout(weights)
        out = torch.matmul(weights, value)
        out = out.permute(0, 2, 1, 3).contiguous().view(batch, length, size)
        out = self.c_proj(out)
        return self.resid_dropout(out)


class OpenAIGPTMLP(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.c_fc = Conv1D(4 * config.n_embd, config.n_embd)
        self.c_proj = Conv1D(config.n_embd, 4 * config.n_embd)
        self.act = activation("gelu_new" if config.afn == "gelu" else config.afn)
        self.dropout = nn.Dropout(config.resid_pdrop)

    def forward(self, x):
        x = self.act(self.c_fc(x))
        return self.dropout(self.c_proj(x))


class OpenAIGPTBlock(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.attn = OpenAIGPTAttention(config)
        self.ln_1 = nn.LayerNorm(config.n_embd, eps=config.layer_norm_epsilon)
        self.mlp = OpenAIGPTMLP(config)
        self.ln_2 = nn.LayerNorm(config.n_embd, eps=config.layer_norm_epsilon)

    def forward(self, x, mask=None):
        out = self.attn(x, mask)
        normed = self.ln_1(x + out)
        fed = self.mlp(normed)
        return self.ln_2(normed + fed)


class OpenAIGPTModel(Model):
    embed_name = "tokens_embed"

    def __init__(self, config):
        super().__init__(config)
        self.tokens_embed = nn.Embedding(config.vocab_size, config.n_embd)
        self.positions_embed = nn.Embedding(config.n_positions, config.n_embd)
        self.drop = nn.Dropout(config.embd_pdrop)
        self.h = nn.ModuleList([OpenAIGPTBlock(config) for _ in range(config.n_layer)])
        self.register_buffer("position_ids", torch.arange(config.n_positions), persistent=False)

    def forward(self, input_ids=None, attention_mask=None, token_type_ids=None, position_ids=None, inputs_embeds=None, **kwargs):
        length = (input_ids if inputs_embeds is None else inputs_embeds).shape[1]
        if position_ids is None:
            position_ids = self.position_ids[None, :length]
        mask = attention_mask
        if mask is not None:
            kind = self.tokens_embed.weight.dtype
            mask = (1.0 - mask.unsqueeze(1).unsqueeze(2).to(dtype=kind)) * torch.finfo(kind).min
        if inputs_embeds is None:
            inputs_embeds = self.tokens_embed(input_ids)
        places = self.positions_embed(position_ids)
        kinds = 0 if token_type_ids is None else self.tokens_embed(token_type_ids)
        x = inputs_embeds + places + kinds
        x = self.drop(x)
        for block in self.h:
            x = block(x, mask)
        return Output(last_hidden_state=x)


class OpenAIGPTLMHeadModel(ForCausalLM):
    base, name = OpenAIGPTModel, "transformer"


class OpenAIGPTForSequenceClassification(SequenceHead):
    base, name = OpenAIGPTModel, "transformer"
