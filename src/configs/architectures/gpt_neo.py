"""GPT-Neo: GPT-2 with unscaled scores in float32 and windows on every other layer."""
import torch
from torch import nn

from .gpt2 import GPT2Model
from .parts.activations import activation
from .parts.attention import split_heads
from .parts.block import Block
from .parts.cache import keep
from .parts.config import Config
from .parts.heads import ForCausalLM, SequenceHead, SpanHead, TokenHead


class GPTNeoConfig(Config):
    model_type = "gpt_neo"
    eager_only = True
    attribute_map = {"num_attention_heads": "num_heads", "num_hidden_layers": "num_layers"}
    defaults = dict(
        vocab_size=50257,
        max_position_embeddings=2048,
        hidden_size=2048,
        num_layers=24,
        num_heads=16,
        window_size=256,
        activation_function="gelu_new",
        resid_dropout=0.0,
        embed_dropout=0.0,
        attention_dropout=0.0,
        classifier_dropout=0.1,
        layer_norm_epsilon=1e-5,
    )

    def complete(self, given):
        types = self.attention_types or [[["global", "local"], 12]]
        self.attention_layers = [kind for kinds, times in types for _ in range(times) for kind in kinds]
        self.embd_pdrop = self.embed_dropout


class GPTNeoSelfAttention(nn.Module):
    def __init__(self, config, layer):
        super().__init__()
        self.layer = layer
        self.sight = config.window_size if config.attention_layers[layer] == "local" else None
        size, length = config.hidden_size, config.max_position_embeddings
        if size % config.num_heads != 0:
            raise ValueError(f"hidden_size {size} is not a multiple of num_heads {config.num_heads}")
        self.head_dim = size // config.num_heads
        bias = torch.tril(torch.ones((length, length), dtype=torch.bool)).view(1, 1, length, length)
        if config.attention_layers[layer] == "local":
            bias = torch.bitwise_xor(bias, torch.tril(bias, -config.window_size))
        self.register_buffer("bias", bias, persistent=False)
        self.attn_dropout = nn.Dropout(float(config.attention_dropout))
        self.resid_dropout = nn.Dropout(float(config.resid_dropout))
        self.k_proj = nn.Linear(size, size, bias=False)
        self.v_proj = nn.Linear(size, size, bias=False)
        self.q_proj = nn.Linear(size, size, bias=False)
        self.out_proj = nn.Linear(size, size)

    def forward(self, x, mask=None, cache=None):
        query, key, value = (split_heads(proj(x), self.head_dim) for proj in (self.q_proj, self.k_proj, self.v_proj))
        key, value = keep(key, value, cache, self.layer, sight=self.sight)
        out, weights = self.weigh(query, key, value, mask)
        out = out.permute(0, 2, 1, 3).contiguous().view(*x.shape[:-1], -1)
        out = self.out_proj(out)
        return self.resid_dropout(out), weights

    def weigh(self, query, key, value, mask):
        """Scores are computed in float32."""
        query, key = query.to(torch.float32), key.to(torch.float32)
        weights = torch.matmul(query, key.transpose(-1, -2))
        rows, columns = query.size(-2), key.size(-2)
        seen = self.bias[:, :, columns - rows : columns, :columns]
        lowest = torch.tensor(torch.finfo(weights.dtype).min, dtype=weights.dtype, device=weights.device)
        weights = torch.where(seen, weights, lowest)
        if mask is not None:
            weights = weights + mask
        weights = nn.functional.softmax(weights, dim=-1)
        weights = weights.to(value.dtype)
        weights = self.attn_dropout(weights)
        return torch.matmul(weights, value), weights


class GPTNeoAttention(nn.Module):
    def __init__(self, config, layer):
        super().__init__()
        self.attention = GPTNeoSelfAttention(config, layer)

    def forward(self, x, mask=None, cache=None):
        return self.attention(x, mask, cache)


class GPTNeoMLP(nn.Module):
    def __init__(self, config):
        super().__init__()
        width = 4 * config.hidden_size if config.intermediate_size is None else config.intermediate_size
        self.c_fc = nn.Linear(config.hidden_size, width)
        self.c_proj = nn.Linear(width, config.hidden_size)
        self.act = activation(config.activation_function)
        self.dropout = nn.Dropout(float(config.resid_dropout))

    def forward(self, x):
        x = self.c_fc(x)
        x = self.act(x)
        x = self.c_proj(x)
        return self.dropout(x)


class GPTNeoBlock(Block):
    def __init__(self, config, layer):
        super().__init__()
        self.ln_1 = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_epsilon)
        self.attn = GPTNeoAttention(config, layer)
        self.ln_2 = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_epsilon)
        self.mlp = GPTNeoMLP(config)

    def forward(self, x, mask=None, cache=None, memory=None, memory_mask=None):
        before = x
        x = self.ln_1(x)
        out, weights = self.attn(x, mask, cache)
        x = out + before
        before = x
        x = self.ln_2(x)
        fed = self.mlp(x)
        return before + fed, weights


class GPTNeoModel(GPT2Model):
    block_class = GPTNeoBlock


class GPTNeoForCausalLM(ForCausalLM):
    base, name = GPTNeoModel, "transformer"


class GPTNeoForSequenceClassification(SequenceHead):
    base, name = GPTNeoModel, "transformer"


class GPTNeoForTokenClassification(TokenHead):
    base, name, head = GPTNeoModel, "transformer", "classifier"


class GPTNeoForQuestionAnswering(SpanHead):
    base, name = GPTNeoModel, "transformer"
