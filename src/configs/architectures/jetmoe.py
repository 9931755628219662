"""JetMoE: experts in the feed-forward, and experts for queries and outputs of attention over shared keys and values."""
import torch
from torch import nn
from torch.nn import functional as F

from .parts.activations import activation
from .parts.attention import RMSNorm, attend
from .parts.block import Block
from .parts.cache import keep
from .parts.config import Config
from .parts.decoder import Decoder
from .parts.heads import ForCausalLM, SequenceHead
from .parts.masks import is_eager
from .parts.rotary import rotate


class JetMoeConfig(Config):
    model_type = "jetmoe"
    rope_theta = 10000.0
    attribute_map = {"head_dim": "kv_channels"}
    defaults = dict(
        vocab_size=32000,
        hidden_size=2048,
        num_hidden_layers=12,
        num_key_value_heads=16,
        kv_channels=128,
        intermediate_size=5632,
        max_position_embeddings=4096,
        activation_function="silu",
        num_local_experts=8,
        num_experts_per_tok=2,
        rms_norm_eps=1e-6,
        attention_dropout=0.0,
    )

    def complete(self, given):
        if self.num_experts_per_tok > self.num_local_experts:
            raise ValueError(f"num_experts_per_tok ({self.num_experts_per_tok}) must be at most num_local_experts ({self.num_local_experts})")
        self.num_attention_heads = self.num_key_value_heads * self.num_experts_per_tok


class JetMoeParallelExperts(nn.Module):
    """One product for each expert's rows; as each row has one expert, its cost does not depend on the choice."""

    def __init__(self, count, size, width):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(count, width, size))

    def forward(self, x, counts):
        """`x`: rows sorted by expert. `counts`: how many rows each has. The parts are joined in the end, as a copy."""
        ends = torch.cumsum(counts, dim=0, dtype=torch.int32)
        return torch.cat([F.grouped_mm(x, self.weight.transpose(-2, -1), offs=ends)], dim=0)


class JetMoeTopKGating(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.count, self.chosen = config.num_local_experts, config.num_experts_per_tok
        self.layer = nn.Linear(config.hidden_size, self.count, bias=False)

    def forward(self, x):
        """The order of the rows by expert, the token and the share of each, and how many rows each expert has."""
        logits = self.layer(x).float()
        best, chosen = logits.topk(self.chosen, dim=1)
        shares = torch.softmax(best, dim=1).type_as(x)
        zeros = torch.zeros([shares.size(0), self.count], dtype=shares.dtype, device=shares.device)
        counts = zeros.scatter(1, chosen, 1).long().sum(0)
        _, order = chosen.flatten().sort(0)
        tokens = order.div(self.chosen, rounding_mode="trunc")
        return order, tokens, shares.flatten()[order], counts


class JetMoeExperts(nn.Module):
    """Experts of two layers, between which a family does what it wants, and a bias on what they add up to."""

    def __init__(self, config, first, second):
        super().__init__()
        self.bias = nn.Parameter(torch.empty(config.hidden_size))
        self.input_linear = JetMoeParallelExperts(config.num_local_experts, config.hidden_size, first)
        self.output_linear = JetMoeParallelExperts(config.num_local_experts, second, config.hidden_size)
        self.router = JetMoeTopKGating(config)

    def joined(self, x, tokens, shares, shape):
        x = x * shares[:, None]
        zeros = torch.zeros((shape[0] * shape[1], shape[2]), dtype=x.dtype, device=x.device)
        out = zeros.index_add(0, tokens, x)
        return out.view(shape) + self.bias


class JetMoeMoE(JetMoeExperts):
    def __init__(self, config):
        super().__init__(config, config.intermediate_size * 2, config.intermediate_size)
        self.activation = activation(config.activation_function)

    def forward(self, x):
        shape = x.shape
        x = x.reshape(-1, shape[-1])
        _, tokens, shares, counts = self.router(x)
        rows = x[tokens]
        both = self.input_linear(rows, counts).chunk(2, dim=-1)
        inner = self.activation(both[0]) * both[1]
        return self.joined(self.output_linear(inner, counts), tokens, shares, shape)


class JetMoeMoA(JetMoeExperts):
    """A token's queries come from the experts that its router chooses, and their outputs go back to the same."""

    def __init__(self, config):
        width = config.kv_channels * config.num_key_value_heads
        super().__init__(config, width, width)

    def queries(self, x):
        """`[B, T, C]` → `[B, T, experts, width]`, and what the router chose."""
        batch, length, size = x.shape
        x = x.reshape(-1, size)
        order, tokens, shares, counts = self.router(x)
        rows = x[tokens]
        out = self.input_linear(rows, counts)
        zeros = torch.zeros(out.shape, dtype=out.dtype, device=out.device)
        back = zeros.index_add(0, order, out)
        return back.view(batch, length, self.router.chosen, -1), (order, tokens, shares, counts)

    def outputs(self, x, choice):
        batch, length, _, width = x.shape
        order, tokens, shares, counts = choice
        rows = x.reshape(-1, width)[order]
        out = self.output_linear(rows, counts)
        return self.joined(out, tokens, shares, (batch, length, out.shape[-1]))


class JetMoeAttention(nn.Module):
    def __init__(self, config, layer):
        super().__init__()
        self.config, self.layer = config, layer
        self.experts = JetMoeMoA(config)
        self.kv_proj = nn.Linear(config.hidden_size, config.kv_channels * config.num_key_value_heads * 2, bias=False)

    def forward(self, x, positions=None, mask=None, cache=None):
        config = self.config
        shape = (*x.shape[:-1], -1, config.kv_channels)
        query, choice = self.experts.queries(x)
        key, value = self.kv_proj(x).chunk(2, dim=-1)
        query, key, value = (one.view(shape).transpose(1, 2) for one in (query, key, value))
        query, key = rotate(query, key, positions)
        key, value = keep(key, value, cache, self.layer)
        key = key.repeat(1, config.num_experts_per_tok, 1, 1)
        value = value.repeat(1, config.num_experts_per_tok, 1, 1)
        dropout = config.attention_dropout if self.training else 0.0
        out, weights = attend(query, key, value, mask, True, config.kv_channels**-0.5, dropout, is_eager(config))
        out = out.view(*x.shape[:-1], config.num_experts_per_tok, -1)
        return self.experts.outputs(out, choice)


class JetMoeDecoderLayer(Block):
    def __init__(self, config, layer):
        super().__init__()
        self.mlp = JetMoeMoE(config)
        self.input_layernorm = RMSNorm(config.hidden_size)
        self.post_attention_layernorm = RMSNorm(config.hidden_size)
        self.self_attention = JetMoeAttention(config, layer)

    def forward(self, x, positions=None, mask=None, cache=None):
        before = x
        x = self.input_layernorm(x)
        x = self.self_attention(x, positions, mask, cache)
        x = before + x
        before = x
        x = self.post_attention_layernorm(x)
        x = self.mlp(x)
        return before + x


class JetMoeModel(Decoder):
    layer_class = JetMoeDecoderLayer

    def window(self, layer):
        return None


class JetMoeForCausalLM(ForCausalLM):
    base = JetMoeModel


class JetMoeForSequenceClassification(SequenceHead):
    base = JetMoeModel
