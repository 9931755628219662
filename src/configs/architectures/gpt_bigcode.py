"""StarCoder's GPT: GPT-2 whose heads share one key and value head."""
import torch
from torch import nn

from .gpt2 import GPT2Config, GPT2Model
from .parts.activations import activation
from .parts.attention import attend, split_heads
from .parts.block import Block
from .parts.cache import keep
from .parts.heads import ForCausalLM, SequenceHead, TokenHead
from .parts.masks import is_eager


class GPTBigCodeConfig(GPT2Config):
    model_type = "gpt_bigcode"
    defaults = dict(GPT2Config.defaults, activation_function="gelu_pytorch_tanh", multi_query=True)

    def complete(self, given):
        self.num_key_value_heads = 1 if self.multi_query else self.n_head


class GPTBigCodeAttention(nn.Module):
    def __init__(self, config, layer):
        super().__init__()
        self.config, self.layer = config, layer
        size, heads = config.hidden_size, config.num_attention_heads
        if size % heads != 0:
            raise ValueError(f"n_embd {size} is not a multiple of n_head {heads}")
        self.head_dim = size // heads
        self.keys = self.head_dim if config.multi_query else size
        self.scale = self.head_dim**-0.5 if config.scale_attn_weights else 1.0
        self.c_attn = nn.Linear(size, size + 2 * self.keys)
        self.c_proj = nn.Linear(size, size)
        self.resid_dropout = nn.Dropout(config.resid_pdrop)

    def heads(self, x):
        fused = self.c_attn(x)
        if self.config.multi_query:
            parts = fused.split((self.config.hidden_size, self.keys, self.keys), dim=-1)
            return [split_heads(one, self.head_dim) for one in parts]
        fused = fused.view(*x.shape[:2], self.config.num_attention_heads, 3 * self.head_dim).transpose(1, 2)
        return fused.split(3 * [self.head_dim], dim=3)

    def forward(self, x, mask=None, cache=None):
        query, key, value = self.heads(x)
        key, value = keep(key, value, cache, self.layer)
        dropout = self.config.attn_pdrop if self.training else 0.0
        eager = is_eager(self.config)
        out, weights = attend(query, key, value, mask, causal=True, scale=self.scale, dropout=dropout, eager=eager)
        out = out.reshape(*x.shape[:-1], -1)
        out = self.c_proj(out)
        out = self.resid_dropout(out)
        return out, weights


class GPTBigCodeMLP(nn.Module):
    def __init__(self, config):
        super().__init__()
        width = 4 * config.hidden_size if config.n_inner is None else config.n_inner
        self.c_fc = nn.Linear(config.hidden_size, width)
        self.c_proj = nn.Linear(width, config.hidden_size)
        self.act = activation(config.activation_function)
        self.dropout = nn.Dropout(config.resid_pdrop)

    def forward(self, x):
        x = self.c_fc(x)
        x = self.act(x)
        x = self.c_proj(x)
        return self.dropout(x)


class GPTBigCodeBlock(Block):
    def __init__(self, config, layer):
        super().__init__()
        self.ln_1 = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_epsilon)
        self.attn = GPTBigCodeAttention(config, layer)
        self.ln_2 = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_epsilon)
        self.mlp = GPTBigCodeMLP(config)

    def forward(self, x, mask=None, cache=None, memory=None, memory_mask=None):
        before = x
        x = self.ln_1(x)
        out, weights = self.attn(x, mask, cache)
        x = out + before
        before = x
        x = self.ln_2(x)
        out = self.mlp(x)
        return before + out


class GPTBigCodeModel(GPT2Model):
    block_class = GPTBigCodeBlock

    def __init__(self, config):
        super().__init__(config)
        length = config.max_position_embeddings
        self.register_buffer("bias", torch.tril(torch.ones((length, length), dtype=torch.bool)), persistent=False)


class GPTBigCodeForCausalLM(ForCausalLM):
    base, name = GPTBigCodeModel, "transformer"


class GPTBigCodeForSequenceClassification(SequenceHead):
    base, name = GPTBigCodeModel, "transformer"


class GPTBigCodeForTokenClassification(TokenHead):
    base, name, head = GPTBigCodeModel, "transformer", "classifier"
