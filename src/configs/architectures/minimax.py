"""MiniMax: layers of attention and of lightning attention, which is computed in blocks and carries a state; experts in all."""
import torch
from torch import nn
from torch.nn import functional as F

from assay import kv_state

from .parts.activations import activation
from .parts.attention import RMSNorm
from .parts.block import Block
from .parts.cache import Cache
from .parts.config import Config, head_size
from .parts.decoder import Attention
from .parts.experts import Experts, SoftmaxRouter, SparseMLP
from .parts.heads import ForCausalLM, SequenceHead, SpanHead, TokenHead
from .parts.hybrid import HybridDecoder
from .parts.scans import masked
from .parts.states import started


class MiniMaxConfig(Config):
    model_type = "minimax"
    rope_theta = 1000000.0
    attribute_map = {"num_experts": "num_local_experts"}
    defaults = dict(
        vocab_size=32000,
        hidden_size=4096,
        intermediate_size=14336,
        num_hidden_layers=32,
        num_attention_heads=32,
        num_key_value_heads=8,
        hidden_act="silu",
        max_position_embeddings=131072,
        rms_norm_eps=1e-5,
        tie_word_embeddings=False,
        attention_dropout=0.0,
        num_experts_per_tok=2,
        num_local_experts=8,
        router_jitter_noise=0.0,
        block_size=256,
        full_attn_alpha_factor=1,
        full_attn_beta_factor=1,
        linear_attn_alpha_factor=1,
        linear_attn_beta_factor=1,
        mlp_alpha_factor=1,
        mlp_beta_factor=1,
    )

    def complete(self, given):
        self.num_key_value_heads = self.num_key_value_heads or self.num_attention_heads
        if self.layer_types is None:
            self.layer_types = [("linear_attention", "full_attention")[(i + 1) % 2] for i in range(self.num_hidden_layers)]


class MiniMaxCache(Cache):
    """Windows do not shorten what it holds."""

    def span(self, length, window):
        return super().span(length, None)


class LightningAttention(nn.Module):
    """Products of queries with keys within a block, and with the state of the blocks before, both fading with distance.

    From a state that earlier tokens left it goes on token by token.
    """

    def __init__(self, config, layer):
        super().__init__()
        self.layer, self.size = layer, config.block_size
        self.heads, self.width = config.num_attention_heads, head_size(config)
        inner = self.heads * self.width
        self.act_fn = activation(config.hidden_act)
        self.norm = RMSNorm(inner)
        self.qkv_proj = nn.Linear(config.hidden_size, inner * 3, bias=False)
        self.out_proj = nn.Linear(inner, config.hidden_size, bias=False)
        self.output_gate = nn.Linear(config.hidden_size, inner, bias=False)
        slope = (1 / 2 ** (8 / self.heads)) ** (torch.arange(self.heads) + 1)
        slope = (slope * (1 - layer / (config.num_hidden_layers - 1 + 1e-5) + 1e-5))[:, None, None]
        places = torch.arange(self.size) + 1
        between = slope * (places[:, None] - places[None, :])[None, None]
        self.register_buffer("slope_rate", slope)
        self.register_buffer("query_decay", torch.exp(-slope * places[:, None]))
        self.register_buffer("key_decay", torch.exp(-slope * (self.size - places[:, None])))
        self.register_buffer("diagonal_decay", torch.exp(torch.where(between >= 0, -between, float("-inf"))))

    def forward(self, x, positions=None, padding=None, cache=None):
        batch, length, _ = x.shape
        mixed = self.act_fn(self.qkv_proj(x))
        mixed = masked(mixed, padding).reshape(batch, length, self.heads, 3 * self.width)
        query, key, value = (one.transpose(1, 2) for one in torch.split(mixed, self.width, dim=3))
        outs = []
        if started(cache, self.layer):
            state, ratio = cache.recurrent[self.layer], torch.exp(-self.slope_rate)
            for i in range(length):
                queries, keys, values = (one[:, :, i : i + 1] for one in (query, key, value))
                added = torch.matmul(keys.transpose(-1, -2), values)
                state = ratio * state + added
                outs.append(torch.matmul(queries, state))
        else:
            state = torch.zeros(batch, self.heads, self.width, self.width).to(value)
            for start in range(0, length, self.size):
                end = min(start + self.size, length)
                count = end - start
                queries, keys, values = (one[:, :, start:end] for one in (query, key, value))
                fading = self.diagonal_decay[:, :, :count, :count]
                kept = torch.exp(-self.slope_rate * count)
                scores = torch.matmul(queries, keys.transpose(-1, -2))
                near = torch.matmul(scores * fading, values)
                far = torch.matmul(queries * self.query_decay[:, :count], state)
                out = far + near
                outs.append(out)
                added = torch.matmul((keys * self.key_decay[:, -count:]).transpose(-1, -2), values)
                state = state * kept + added
        kv_state(state)
        outs = torch.cat(outs, dim=-2)
        outs = outs.transpose(1, 2)
        outs = outs.reshape(batch, length, self.heads * self.width)
        outs = self.norm(outs)
        outs = F.sigmoid(self.output_gate(x)) * outs
        outs = self.out_proj(outs)
        if cache is not None:
            cache.recurrent[self.layer] = state
        return outs


class MiniMaxMLP(SparseMLP):
    def __init__(self, config):
        count = config.num_local_experts
        experts = Experts(count, config.hidden_size, config.intermediate_size, config.hidden_act)
        super().__init__(SoftmaxRouter(config, count, wide=True), experts)
        self.noise = config.router_jitter_noise

    def forward(self, x):
        if self.training and self.noise > 0:
            x *= torch.empty_like(x).uniform_(1.0 - self.noise, 1.0 + self.noise)
        return super().forward(x)


class MiniMaxLayer(Block):
    """Both halves add to what their norm gives; each side of a sum has a weight."""

    def __init__(self, config, layer):
        super().__init__()
        self.self_attn = self.mixer(config, layer)
        self.mlp = MiniMaxMLP(config)
        self.input_layernorm = RMSNorm(config.hidden_size, eps=config.rms_norm_eps)
        self.post_attention_layernorm = RMSNorm(config.hidden_size, eps=config.rms_norm_eps)
        self.weights = config.linear_attn_alpha_factor, config.linear_attn_beta_factor
        self.mlp_weights = config.mlp_alpha_factor, config.mlp_beta_factor

    def mixer(self, config, layer):
        return LightningAttention(config, layer)

    def mixed(self, x, positions, mask, cache):
        return self.self_attn(x, positions, mask, cache)

    def forward(self, x, positions=None, mask=None, cache=None):
        x = self.input_layernorm(x)
        before = x
        x = self.mixed(x, positions, mask, cache)
        x = before * self.weights[0] + x * self.weights[1]
        x = self.post_attention_layernorm(x)
        before = x
        x = self.mlp(x)
        return before * self.mlp_weights[0] + x * self.mlp_weights[1]


class MiniMaxAttentionLayer(MiniMaxLayer):
    def __init__(self, config, layer):
        super().__init__(config, layer)
        self.weights = config.full_attn_alpha_factor, config.full_attn_beta_factor

    def mixer(self, config, layer):
        return Attention(config, layer)

    def mixed(self, x, positions, mask, cache):
        return self.self_attn(x, positions, mask, cache)[0]


class MiniMaxModel(HybridDecoder):
    layer_class, attending = MiniMaxLayer, MiniMaxAttentionLayer
    cache_class = MiniMaxCache

    def window(self, layer):
        return self.config.sliding_window if self.attends(self.config, layer) else self.STATE


class MiniMaxForCausalLM(ForCausalLM):
    base = MiniMaxModel


class MiniMaxForSequenceClassification(SequenceHead):
    base = MiniMaxModel


class MiniMaxForTokenClassification(TokenHead):
    base = MiniMaxModel


class MiniMaxForQuestionAnswering(SpanHead):
    base = MiniMaxModel
    name = "model"
