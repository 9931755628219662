"""GPT-J: attention and feed-forward side by side, rotary positions from a table on a part of each head."""
import math

import torch
from torch import nn

from .parts.activations import activation
from .parts.cache import Cache, keep
from .parts.config import Config
from .parts.heads import ForCausalLM, Model, SequenceHead, SpanHead
from .parts.block import Block
from .parts.masks import decoder_mask
from .parts.output import Output
from .parts.rotary import paired


class GPTJConfig(Config):
    model_type = "gptj"
    attribute_map = {
        "max_position_embeddings": "n_positions",
        "hidden_size": "n_embd",
        "num_attention_heads": "n_head",
        "num_hidden_layers": "n_layer",
    }
    eager_only = True
    defaults = dict(
        vocab_size=50400,
        n_positions=2048,
        n_embd=4096,
        n_layer=28,
        n_head=16,
        rotary_dim=64,
        activation_function="gelu_new",
        resid_pdrop=0.0,
        embd_pdrop=0.0,
        attn_pdrop=0.0,
        layer_norm_epsilon=1e-5,
        tie_word_embeddings=False,
    )


class GPTJAttention(nn.Module):
    def __init__(self, config, layer):
        super().__init__()
        self.config, self.layer = config, layer
        size = config.n_embd
        if size % config.n_head != 0:
            raise ValueError(f"n_embd {size} is not a multiple of n_head {config.n_head}")
        self.head_dim = size // config.n_head
        self.attn_dropout = nn.Dropout(config.attn_pdrop)
        self.resid_dropout = nn.Dropout(config.resid_pdrop)
        self.projections(size)
        self.out_proj = nn.Linear(size, size, bias=False)
        width = config.rotary_dim or size
        frequencies = 1.0 / (10000 ** (torch.arange(0, width, 2, dtype=torch.int64) / width))
        angles = torch.einsum("i , j -> i j", torch.arange(config.n_positions, dtype=torch.int64).float(), frequencies)
        table = torch.cat((torch.sin(angles.float()), torch.cos(angles.float())), dim=1)
        self.register_buffer("embed_positions", table, persistent=False)

    def projections(self, size):
        self.k_proj = nn.Linear(size, size, bias=False)
        self.v_proj = nn.Linear(size, size, bias=False)
        self.q_proj = nn.Linear(size, size, bias=False)

    def heads(self, x):
        """Queries, keys and values as `[B, T, heads, width]`."""
        shape = (*x.shape[:-1], self.config.n_head, self.head_dim)
        return self.q_proj(x).view(shape), self.k_proj(x).view(shape), self.v_proj(x).view(shape)

    def forward(self, x, positions, mask=None, cache=None):
        query, key, value = self.heads(x)
        sin, cos = (one[:, :, None, :].repeat_interleave(2, 3) for one in self.embed_positions[positions].chunk(2, dim=-1))
        query, key = (paired(one, cos, sin).permute(0, 2, 1, 3) for one in (query, key))
        key, value = keep(key, value.permute(0, 2, 1, 3), cache, self.layer)
        out, weights = self.weigh(query, key, value, mask)
        out = out.permute(0, 2, 1, 3).contiguous().view(*x.shape[:-1], -1)
        out = self.out_proj(out)
        return self.resid_dropout(out), weights

    def weigh(self, query, key, value, mask):
        """Scores are computed in float32."""
        query, key = query.to(torch.float32), key.to(torch.float32)
        weights = torch.matmul(query, key.transpose(-1, -2))
        weights = weights / math.sqrt(self.head_dim)
        if mask is not None:
            weights = weights + mask
        weights = nn.functional.softmax(weights, dim=-1)
        weights = weights.to(value.dtype)
        weights = self.attn_dropout(weights)
        return torch.matmul(weights, value), weights


class GPTJMLP(nn.Module):
    def __init__(self, config):
        super().__init__()
        width = 4 * config.n_embd if config.n_inner is None else config.n_inner
        self.fc_in = nn.Linear(config.n_embd, width)
        self.fc_out = nn.Linear(width, config.n_embd)
        self.act = activation(config.activation_function)
        self.dropout = nn.Dropout(config.resid_pdrop)

    def forward(self, x):
        x = self.fc_in(x)
        x = self.act(x)
        x = self.fc_out(x)
        return self.dropout(x)


class GPTJBlock(Block):
    attention_class = GPTJAttention

    def __init__(self, config, layer):
        super().__init__()
        self.ln_1 = nn.LayerNorm(config.n_embd, eps=config.layer_norm_epsilon)
        self.attn = self.attention_class(config, layer)
        self.mlp = GPTJMLP(config)

    def forward(self, x, positions, mask, cache):
        normed = self.ln_1(x)
        out, weights = self.attn(normed, positions, mask, cache)
        fed = self.mlp(normed)
        return out + fed + x, weights


class GPTJModel(Model):
    block_class = GPTJBlock
    embed_name = "wte"

    def __init__(self, config):
        super().__init__(config)
        self.wte = nn.Embedding(config.vocab_size, config.n_embd)
        self.drop = nn.Dropout(config.embd_pdrop)
        self.h = nn.ModuleList([self.block_class(config, i) for i in range(config.n_layer)])
        self.ln_f = nn.LayerNorm(config.n_embd, eps=config.layer_norm_epsilon)

    def forward(self, input_ids=None, attention_mask=None, past_key_values=None, inputs_embeds=None, use_cache=None, **kwargs):
        if inputs_embeds is None:
            inputs_embeds = self.wte(input_ids)
        use_cache = self.caches(use_cache)
        cache = Cache() if use_cache and past_key_values is None else past_key_values
        past = 0 if cache is None else cache.length()
        positions = torch.arange(inputs_embeds.shape[1], device=inputs_embeds.device) + past
        positions = positions.unsqueeze(0)
        mask = decoder_mask(self.config, inputs_embeds, attention_mask, None, cache, positions)
        x = self.drop(inputs_embeds)
        for block in self.h:
            outputs = block(x, positions, mask, cache)
            x = outputs[0]
        x = self.ln_f(x)
        return Output(last_hidden_state=x, past_key_values=cache if use_cache else None)


class GPTJForCausalLM(ForCausalLM):
    base, name, bias = GPTJModel, "transformer", True


class GPTJForSequenceClassification(SequenceHead):
    base, name = GPTJModel, "transformer"


class GPTJForQuestionAnswering(SpanHead):
    base, name = GPTJModel, "transformer"
