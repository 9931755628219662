"""MiniMax-M2: queries and keys normalised over all heads, partial rotary positions, and experts by sigmoid scores."""
import torch
from torch import nn
from torch.nn import functional as F

from .mixtral import MixtralConfig, MixtralModel
from .parts.attention import RMSNorm, split_heads
from .parts.decoder import Attention, DecoderLayer
from .parts.experts import Experts
from .parts.heads import ForCausalLM, SequenceHead, SpanHead, TokenHead
from .parts.rotary import RotaryEmbedding


class MiniMaxM2Config(MixtralConfig):
    model_type = "minimax_m2"
    rope_theta = 5000000.0
    defaults = dict(
        MixtralConfig.defaults,
        vocab_size=200064,
        hidden_size=3072,
        intermediate_size=1536,
        num_hidden_layers=62,
        num_attention_heads=48,
        head_dim=128,
        max_position_embeddings=196608,
        rms_norm_eps=1e-6,
        num_experts_per_tok=8,
        num_local_experts=256,
    )

    def complete(self, given):
        super().complete(given)
        rotary = given.get("rotary_dim")
        self.partial_rotary_factor = rotary / self.head_dim if rotary else self.partial_rotary_factor


class MiniMaxM2Attention(Attention):
    def __init__(self, config, layer):
        super().__init__(config, layer, window=config.sliding_window)
        self.q_norm = RMSNorm(config.num_attention_heads * self.head_dim, config.rms_norm_eps)
        self.k_norm = RMSNorm(config.num_key_value_heads * self.head_dim, config.rms_norm_eps)

    def heads(self, x):
        states = self.q_norm(self.q_proj(x)), self.k_norm(self.k_proj(x)), self.v_proj(x)
        return [split_heads(one, self.head_dim) for one in states]


class MiniMaxM2Router(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.chosen = config.num_experts_per_tok
        self.weight = nn.Parameter(torch.empty(config.num_local_experts, config.hidden_size))

    def forward(self, x, bias):
        shares = F.sigmoid(F.linear(x, self.weight).float())
        chosen = torch.topk(shares + bias, self.chosen, dim=-1, sorted=False)[1]
        shares = shares.gather(1, chosen)
        return shares / shares.sum(dim=-1, keepdim=True), chosen


class MiniMaxM2MLP(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.gate = MiniMaxM2Router(config)
        self.experts = Experts(config.num_local_experts, config.hidden_size, config.intermediate_size, config.hidden_act)
        self.register_buffer("e_score_correction_bias", torch.zeros(config.num_local_experts))

    def forward(self, x):
        flat = x.view(-1, x.shape[-1])
        shares, chosen = self.gate(flat, self.e_score_correction_bias)
        return self.experts(flat, chosen, shares).reshape(x.shape)


class MiniMaxM2DecoderLayer(DecoderLayer):
    def attention(self, config, layer):
        return MiniMaxM2Attention(config, layer)

    def feed_forward(self, config, layer):
        return MiniMaxM2MLP(config)


class MiniMaxM2Model(MixtralModel):
    layer_class = MiniMaxM2DecoderLayer

    def rotary(self, config):
        return RotaryEmbedding(config, partial=True)


class MiniMaxM2ForCausalLM(ForCausalLM):
    base = MiniMaxM2Model


class MiniMaxM2ForSequenceClassification(SequenceHead):
    base = MiniMaxM2Model


class MiniMaxM2ForTokenClassification(TokenHead):
    base = MiniMaxM2Model


class MiniMaxM2ForQuestionAnswering(SpanHead):
    base, name = MiniMaxM2Model, "model"
