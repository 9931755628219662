"""Qwen3-Next: gated delta nets with gated attention at every fourth layer, and experts in every feed-forward."""
import torch
from torch import nn

from .gemma import GemmaRMSNorm
from .parts.attention import split_heads
from .parts.config import Config
from .parts.decoder import Attention, GatedMLP
from .parts.delta import DeltaNet, GatedNorm, log_decay
from .parts.heads import ForCausalLM, SequenceHead, SpanHead, TokenHead
from .parts.hybrid import AttendingLayer, HybridDecoder, MixedLayer
from .parts.rotary import RotaryEmbedding
from .parts.scans import causal_conv1d
from .qwen2_moe import Qwen2MoeMLP, sparse


class Qwen3NextConfig(Config):
    model_type = "qwen3_next"
    rope_theta = 10000.0
    defaults = dict(
        vocab_size=151936,
        hidden_size=2048,
        intermediate_size=5632,
        num_hidden_layers=48,
        num_attention_heads=16,
        num_key_value_heads=2,
        hidden_act="silu",
        max_position_embeddings=32768,
        rms_norm_eps=1e-6,
        tie_word_embeddings=False,
        attention_bias=False,
        attention_dropout=0.0,
        head_dim=256,
        partial_rotary_factor=0.25,
        linear_conv_kernel_dim=4,
        linear_key_head_dim=128,
        linear_value_head_dim=128,
        linear_num_key_heads=16,
        linear_num_value_heads=32,
        decoder_sparse_step=1,
        moe_intermediate_size=512,
        shared_expert_intermediate_size=512,
        num_experts_per_tok=10,
        num_experts=512,
        norm_topk_prob=True,
    )

    def complete(self, given):
        if self.layer_types is None:
            every = self.full_attention_interval or 4
            kinds = ("full_attention", "linear_attention")
            self.layer_types = [kinds[(i + 1) % every != 0] for i in range(self.num_hidden_layers)]


class GatedAttention(Attention):
    """Attention whose queries come with a gate for the output, and whose heads are normalised."""

    def __init__(self, config, layer):
        super().__init__(config, layer, bias=config.attention_bias)
        self.q_proj = nn.Linear(config.hidden_size, config.num_attention_heads * self.head_dim * 2, bias=config.attention_bias)
        self.q_norm = GemmaRMSNorm(self.head_dim, eps=config.rms_norm_eps)
        self.k_norm = GemmaRMSNorm(self.head_dim, eps=config.rms_norm_eps)

    def heads(self, x):
        shape = (*x.shape[:-1], -1, self.head_dim)
        query, gate = self.q_proj(x).view(*x.shape[:-1], -1, 2 * self.head_dim).chunk(2, dim=-1)
        gate = gate.reshape(*x.shape[:-1], -1)
        query = self.q_norm(query.view(shape)).transpose(1, 2)
        key = self.k_norm(self.k_proj(x).view(shape)).transpose(1, 2)
        return query, key, split_heads(self.v_proj(x), self.head_dim), gate

    def out(self, mixed, x, gate):
        return self.o_proj(mixed * torch.sigmoid(gate))


class Qwen3NextDeltaNet(DeltaNet):
    """One product for queries, keys, values and gate, one for strength and decay, both ordered by key head."""

    def __init__(self, config, layer):
        super().__init__(config, layer)
        channels = self.keys * 2 + self.values
        self.conv1d = causal_conv1d(channels, config.linear_conv_kernel_dim, False)
        self.projections(config.hidden_size, channels)
        self.dt_bias = nn.Parameter(torch.empty(self.value_heads))
        self.A_log = nn.Parameter(torch.empty(self.value_heads))
        self.norm = GatedNorm(self.value_width, eps=config.rms_norm_eps)
        self.out_proj = nn.Linear(self.values, config.hidden_size, bias=False)

    def projections(self, size, channels):
        self.in_proj_qkvz = nn.Linear(size, channels + self.values, bias=False)
        self.in_proj_ba = nn.Linear(size, self.value_heads * 2, bias=False)

    def projected(self, x):
        batch, length = x.shape[:2]
        each = self.value_heads // self.key_heads
        both = self.in_proj_qkvz(x), self.in_proj_ba(x)
        wide, narrow = (one.view(batch, length, self.key_heads, -1) for one in both)
        width = each * self.value_width
        query, key, value, gate = torch.split(wide, [self.key_width, self.key_width, width, width], dim=3)
        strength, step = torch.split(narrow, [each, each], dim=3)
        value = value.reshape(batch, length, -1, self.value_width)
        gate = gate.reshape(batch, length, -1, self.value_width)
        strength, step = (one.reshape(batch, length, self.value_heads) for one in (strength, step))
        parts = [one.reshape(batch, length, -1) for one in (query, key, value)]
        return torch.cat(parts, dim=-1).transpose(1, 2), (gate, strength, step, both), parts

    def rates(self, x, more):
        _, strength, step, _ = more
        strength = strength.sigmoid()
        return log_decay(self.A_log, step, self.dt_bias), strength

    def read(self, out, x, more):
        out = self.norm(out.reshape(-1, self.value_width), more[0].reshape(-1, self.value_width))
        return self.out_proj(out.reshape(*x.shape[:2], -1))


def feed_forward(config, layer):
    return Qwen2MoeMLP(config) if sparse(config, layer) else GatedMLP(config)


class Qwen3NextDeltaLayer(MixedLayer):
    norm = GemmaRMSNorm
    names = ("linear_attn", "mlp", "input_layernorm", "post_attention_layernorm")

    def mixer(self, config, layer):
        return Qwen3NextDeltaNet(config, layer)

    def inner(self, config, layer):
        return feed_forward(config, layer)


class Qwen3NextAttentionLayer(AttendingLayer):
    norm = GemmaRMSNorm
    names = ("self_attn", "mlp", "input_layernorm", "post_attention_layernorm")

    def mixer(self, config, layer):
        return GatedAttention(config, layer)

    def inner(self, config, layer):
        return feed_forward(config, layer)


class Qwen3NextModel(HybridDecoder):
    layer_class, attending = Qwen3NextDeltaLayer, Qwen3NextAttentionLayer
    norm_class = GemmaRMSNorm

    def rotary(self, config):
        return RotaryEmbedding(config, partial=True)


class Qwen3NextForCausalLM(ForCausalLM):
    base = Qwen3NextModel


class Qwen3NextForSequenceClassification(SequenceHead):
    base = Qwen3NextModel


class Qwen3NextForTokenClassification(TokenHead):
    base = Qwen3NextModel


class Qwen3NextForQuestionAnswering(SpanHead):
    base = Qwen3NextModel
