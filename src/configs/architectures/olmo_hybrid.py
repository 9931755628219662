"""OLMo Hybrid: gated delta nets with OLMo 3's attention at every fourth layer, which may have no positions."""
import torch
from torch import nn

from .olmo2 import Olmo2Attention, Olmo2DecoderLayer
from .parts.attention import WideRMSNorm
from .parts.config import Config
from .parts.decoder import GatedMLP
from .parts.delta import DeltaNet, GatedNorm, log_decay
from .parts.heads import ForCausalLM
from .parts.hybrid import HybridDecoder, MixedLayer
from .parts.rotary import WideRotaryEmbedding
from .parts.scans import causal_conv1d


class OlmoHybridConfig(Config):
    model_type = "olmo_hybrid"
    rope_theta = 10000.0
    defaults = dict(
        vocab_size=100352,
        hidden_size=3840,
        intermediate_size=11008,
        num_hidden_layers=32,
        num_attention_heads=30,
        hidden_act="silu",
        max_position_embeddings=65536,
        rms_norm_eps=1e-6,
        pad_token_id=100277,
        tie_word_embeddings=False,
        attention_bias=False,
        attention_dropout=0.0,
        linear_conv_kernel_dim=4,
        linear_allow_neg_eigval=True,
    )

    def complete(self, given):
        if self.layer_types is None:
            self.layer_types = ["full_attention" if i % 4 == 3 else "linear_attention" for i in range(self.num_hidden_layers)]
            if "full_attention" not in self.layer_types:
                self.layer_types[-1] = "full_attention"
        if len(set(self.layer_types)) < 2:
            raise ValueError(f"layer_types must name both linear_attention and full_attention, not only {self.layer_types[0]}")
        self.linear_num_key_heads = self.linear_num_key_heads or self.num_attention_heads
        self.linear_num_value_heads = self.linear_num_value_heads or self.num_attention_heads
        self.linear_key_head_dim = self.linear_key_head_dim or int(0.75 * self.hidden_size / self.linear_num_key_heads)
        self.linear_value_head_dim = self.linear_value_head_dim or 2 * self.linear_key_head_dim
        self.num_key_value_heads = self.num_key_value_heads or self.num_attention_heads

    def rotary(self, given):
        """A base of null means no positions at all."""
        found = super().rotary(given)
        base = (given.get("rope_scaling") or given.get("rope_parameters") or {}).get("rope_theta", given.get("rope_theta", self.rope_theta))
        return {**found, "rope_theta": base}


class OlmoHybridAttention(Olmo2Attention):
    def turn(self, query, key, positions):
        return (query, key) if positions is None else super().turn(query, key, positions)


class OlmoHybridDeltaNet(DeltaNet):
    """A product each for queries, keys, values, decay, strength and gate."""

    def __init__(self, config, layer):
        super().__init__(config, layer)
        size = config.hidden_size
        self.q_proj = nn.Linear(size, self.keys, bias=False)
        self.k_proj = nn.Linear(size, self.keys, bias=False)
        self.v_proj = nn.Linear(size, self.values, bias=False)
        self.a_proj = nn.Linear(size, self.value_heads, bias=False)
        self.b_proj = nn.Linear(size, self.value_heads, bias=False)
        self.g_proj = nn.Linear(size, self.values, bias=False)
        self.o_proj = nn.Linear(self.values, size, bias=False)
        self.conv1d = causal_conv1d(self.keys * 2 + self.values, config.linear_conv_kernel_dim, False)
        self.A_log = nn.Parameter(torch.empty(self.value_heads))
        self.dt_bias = nn.Parameter(torch.empty(self.value_heads))
        self.o_norm = GatedNorm(self.value_width, eps=1e-5)

    def projected(self, x):
        return torch.cat([self.q_proj(x), self.k_proj(x), self.v_proj(x)], dim=-1).transpose(1, 2), None, None

    def rates(self, x, more):
        strength = self.b_proj(x).sigmoid()
        if self.config.linear_allow_neg_eigval:
            strength = strength * 2.0
        return log_decay(self.A_log, self.a_proj(x), self.dt_bias), strength

    def read(self, out, x, more):
        gate = self.g_proj(x)
        out = self.o_norm(out.reshape(-1, self.value_width), gate.reshape(-1, self.value_width))
        return self.o_proj(out.reshape(*x.shape[:2], -1))


class OlmoHybridDeltaLayer(MixedLayer):
    norm = WideRMSNorm
    names = ("linear_attn", "mlp", "input_layernorm", "post_attention_layernorm")

    def mixer(self, config, layer):
        return OlmoHybridDeltaNet(config, layer)

    def inner(self, config, layer):
        return GatedMLP(config)


class OlmoHybridAttentionLayer(Olmo2DecoderLayer):
    def attention(self, config, layer):
        return OlmoHybridAttention(config, layer)


class OlmoHybridModel(HybridDecoder):
    layer_class, attending = OlmoHybridDeltaLayer, OlmoHybridAttentionLayer
    norm_class = WideRMSNorm

    def rotary(self, config):
        return None if config.rope_parameters["rope_theta"] is None else WideRotaryEmbedding(config)

    def positions(self, x, position_ids):
        return None if self.rotary_emb is None else super().positions(x, position_ids)


class OlmoHybridForCausalLM(ForCausalLM):
    base = OlmoHybridModel
