"""Phi-3.5-MoE: Mixtral with LayerNorm, biases, and a router that masks near-ties."""
import torch
from torch import nn

from .mixtral import MixtralModel
from .parts.config import Config
from .parts.decoder import Attention, DecoderLayer
from .parts.experts import Experts, SparseMLP
from .parts.heads import ForCausalLM, SequenceHead


class PhimoeConfig(Config):
    model_type = "phimoe"
    rope_theta = 1000000.0
    defaults = dict(
        vocab_size=32064,
        hidden_size=4096,
        intermediate_size=6400,
        num_hidden_layers=32,
        num_attention_heads=32,
        num_key_value_heads=8,
        hidden_act="silu",
        max_position_embeddings=131072,
        rms_norm_eps=1e-5,
        tie_word_embeddings=False,
        attention_dropout=0.0,
        num_experts_per_tok=2,
        num_local_experts=16,
        router_jitter_noise=0.01,
        attention_bias=False,
        lm_head_bias=False,
    )

    def complete(self, given):
        self.num_key_value_heads = self.num_key_value_heads or self.num_attention_heads
        self.layer_types = None


class PhimoeRouter(nn.Linear):
    """The best expert, then the best of the rest; each one's share is its softmax over those that come near it."""

    def __init__(self, config):
        super().__init__(config.hidden_size, config.num_local_experts, bias=False)
        self.noise = config.router_jitter_noise

    def choose(self, scores, all_scores):
        best, chosen = scores.max(dim=-1, keepdim=True)
        far = (best - all_scores) / all_scores.abs().clamp(min=best) > 2 * self.noise
        shares = torch.softmax(scores.masked_fill(far, float("-inf")), dim=-1)
        return shares.gather(dim=-1, index=chosen), chosen

    def forward(self, x):
        scores = super().forward(x)
        first = self.choose(scores, scores)
        second = self.choose(torch.scatter(scores, -1, first[1], float("-inf")), scores)
        return [torch.concat(pair, dim=-1) for pair in zip(first, second)]


class PhimoeDecoderLayer(DecoderLayer):
    def norms(self, config):
        self.input_layernorm = nn.LayerNorm(config.hidden_size, eps=config.rms_norm_eps)
        self.post_attention_layernorm = nn.LayerNorm(config.hidden_size, eps=config.rms_norm_eps)

    def attention(self, config, layer):
        return Attention(config, layer, bias=config.attention_bias, window=config.sliding_window)

    def feed_forward(self, config, layer):
        experts = Experts(config.num_local_experts, config.hidden_size, config.intermediate_size, config.hidden_act)
        return SparseMLP(PhimoeRouter(config), experts, ("router", "experts"))


class PhimoeModel(MixtralModel):
    layer_class = PhimoeDecoderLayer

    def last_norm(self, config):
        return nn.LayerNorm(config.hidden_size, eps=config.rms_norm_eps)


class BiasedLM(ForCausalLM):
    def has_bias(self, config):
        return config.lm_head_bias


class PhimoeForCausalLM(BiasedLM):
    base = PhimoeModel


class PhimoeForSequenceClassification(SequenceHead):
    base = PhimoeModel
