"""XGLM: a decoder with sinusoidal positions, whose scores are always written out."""
import math

import torch
from torch import nn
from torch.nn import functional as F

from .parts.activations import activation
from .parts.attention import split_heads
from .parts.block import Block
from .parts.cache import Cache, keep, keep_crossed
from .parts.config import Config
from .parts.heads import ForCausalLM, Model
from .parts.masks import decoder_mask, padding_mask
from .parts.output import Output


class XGLMConfig(Config):
    model_type = "xglm"
    eager_only = True
    attribute_map = {"num_attention_heads": "attention_heads", "hidden_size": "d_model", "num_hidden_layers": "num_layers"}
    defaults = dict(
        vocab_size=256008,
        max_position_embeddings=2048,
        d_model=1024,
        ffn_dim=4096,
        num_layers=24,
        attention_heads=16,
        activation_function="gelu",
        dropout=0.1,
        attention_dropout=0.1,
        activation_dropout=0.0,
        layerdrop=0.0,
        scale_embedding=True,
        pad_token_id=1,
    )


class XGLMEmbedding(nn.Embedding):
    """Vectors of tokens, scaled."""

    def __init__(self, config):
        super().__init__(config.vocab_size, config.d_model, config.pad_token_id)
        self.scale = math.sqrt(config.d_model) if config.scale_embedding else 1.0

    def forward(self, input_ids):
        return super().forward(input_ids) * self.scale


class XGLMPositions(nn.Module):
    """Sines and cosines of the positions, the first two left out."""

    def __init__(self, config):
        super().__init__()
        half = config.d_model // 2
        rates = torch.exp(torch.arange(half).float() * -(math.log(10000) / (half - 1)))
        angles = torch.arange(config.max_position_embeddings + 2).float()[:, None] * rates[None]
        table = torch.cat([angles.sin(), angles.cos()], dim=1)
        if config.d_model % 2 == 1:
            table = torch.cat([table, torch.zeros(table.shape[0], 1)], dim=1)
        self.register_buffer("weights", table, persistent=False)

    @torch.no_grad()
    def forward(self, position_ids):
        position_ids = position_ids + 2
        found = self.weights.index_select(0, position_ids.view(-1))
        return found.view(*position_ids.shape, self.weights.shape[-1]).detach()


class XGLMAttention(nn.Module):
    def __init__(self, config, layer):
        super().__init__()
        self.layer, self.dropout = layer, config.attention_dropout
        size, heads = config.d_model, config.attention_heads
        if size % heads != 0:
            raise ValueError(f"d_model {size} is not a multiple of attention_heads {heads}")
        self.head_dim = size // heads
        self.k_proj = nn.Linear(size, size)
        self.v_proj = nn.Linear(size, size)
        self.q_proj = nn.Linear(size, size)
        self.out_proj = nn.Linear(size, size)

    def pairs(self, x):
        """Keys and values."""
        return [split_heads(proj(x), self.head_dim) for proj in (self.k_proj, self.v_proj)]

    def forward(self, x, mask=None, cache=None, memory=None):
        batch, length, size = x.shape
        query = self.q_proj(x) * self.head_dim**-0.5
        if memory is None:
            key, value = keep(*self.pairs(x), cache, self.layer)
        else:
            key, value = keep_crossed(lambda: self.pairs(memory), cache, self.layer)
        query = split_heads(query, self.head_dim)
        heads = query.shape[1]
        query, key, value = (one.reshape(batch * heads, -1, self.head_dim) for one in (query, key, value))
        weights = torch.bmm(query, key.transpose(1, 2))
        if mask is not None:
            weights = weights.view(batch, heads, length, -1) + mask
            weights = torch.max(weights, torch.full((), torch.finfo(weights.dtype).min, device=weights.device))
            weights = weights.view(batch * heads, length, -1)
        if weights.dtype == torch.float16:
            weights = F.softmax(weights, dim=-1, dtype=torch.float32).to(torch.float16)
        else:
            weights = F.softmax(weights, dim=-1)
        dropped = F.dropout(weights, p=self.dropout, training=self.training)
        out = torch.bmm(dropped, value)
        out = out.view(batch, heads, length, self.head_dim).transpose(1, 2)
        out = out.reshape(batch, length, size)
        return self.out_proj(out), weights


class XGLMDecoderLayer(Block):
    positional = 3

    def __init__(self, config, layer):
        super().__init__()
        self.config = config
        size = config.d_model
        self.self_attn = XGLMAttention(config, layer)
        self.activation_fn = activation(config.activation_function)
        if config.add_cross_attention:
            self.encoder_attn = XGLMAttention(config, layer)
            self.encoder_attn_layer_norm = nn.LayerNorm(size)
        self.self_attn_layer_norm = nn.LayerNorm(size)
        self.fc1 = nn.Linear(size, config.ffn_dim)
        self.fc2 = nn.Linear(config.ffn_dim, size)
        self.final_layer_norm = nn.LayerNorm(size)

    def dropped(self, x):
        return F.dropout(x, p=self.config.dropout, training=self.training)

    def forward(self, x, mask=None, memory=None, memory_mask=None, cache=None):
        before = x
        x = self.self_attn_layer_norm(x)
        x, weights = self.self_attn(x, mask, cache)
        x = self.dropped(x)
        x = before + x
        if memory is not None:
            before = x
            x = self.encoder_attn_layer_norm(x)
            x, weights = self.encoder_attn(x, memory_mask, cache, memory)
            x = self.dropped(x)
            x = before + x
        before = x
        x = self.final_layer_norm(x)
        x = self.activation_fn(self.fc1(x))
        x = F.dropout(x, p=self.config.activation_dropout, training=self.training)
        x = self.fc2(x)
        x = self.dropped(x)
        return before + x


class XGLMModel(Model):
    embed_name = "embed_tokens"

    def __init__(self, config):
        super().__init__(config)
        self.embed_tokens = XGLMEmbedding(config)
        self.embed_positions = XGLMPositions(config)
        self.layers = nn.ModuleList([XGLMDecoderLayer(config, i) for i in range(config.num_layers)])
        self.layer_norm = nn.LayerNorm(config.d_model)

    def forward(self, input_ids=None, attention_mask=None, position_ids=None, encoder_hidden_states=None, encoder_attention_mask=None, past_key_values=None, inputs_embeds=None, use_cache=None, **kwargs):
        if inputs_embeds is None:
            inputs_embeds = self.embed_tokens(input_ids)
        use_cache = self.caches(use_cache)
        cache = Cache() if use_cache and past_key_values is None else past_key_values
        past = 0 if cache is None else cache.length()
        mask = decoder_mask(self.config, inputs_embeds, attention_mask, None, cache)
        if position_ids is None:
            position_ids = torch.arange(past, inputs_embeds.shape[1] + past, device=inputs_embeds.device).unsqueeze(0)
        memory, memory_mask = encoder_hidden_states, encoder_attention_mask
        if memory is not None and memory_mask is not None:
            memory_mask = padding_mask(self.config, inputs_embeds, memory_mask, memory)
        x = inputs_embeds + self.embed_positions(position_ids)
        x = F.dropout(x, p=self.config.dropout, training=self.training)
        for layer in self.layers:
            x = layer(x, mask, memory, memory_mask, cache)
        x = self.layer_norm(x)
        return Output(last_hidden_state=x, past_key_values=cache if use_cache else None)


class XGLMForCausalLM(ForCausalLM):
    base = XGLMModel
