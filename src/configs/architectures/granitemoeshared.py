"""Granite-MoE-Shared: Granite-MoE with one more feed-forward that every token uses."""
from torch import nn

from .granitemoe import GraniteMoeConfig, GraniteMoeDecoderLayer, GraniteMoeForCausalLM, GraniteMoeModel
from .parts.activations import activation


class GraniteMoeSharedConfig(GraniteMoeConfig):
    model_type = "granitemoeshared"
    defaults = dict(GraniteMoeConfig.defaults, shared_intermediate_size=0)


class GraniteMoeSharedMLP(nn.Module):
    """A gated feed-forward whose first product gives gate and up."""

    def __init__(self, config):
        super().__init__()
        width = config.shared_intermediate_size
        self.activation = activation(config.hidden_act)
        self.input_linear = nn.Linear(config.hidden_size, 2 * width, bias=False)
        self.output_linear = nn.Linear(width, config.hidden_size, bias=False)

    def forward(self, x):
        x = self.input_linear(x)
        gate, up = x.chunk(2, dim=-1)
        x = self.activation(gate) * up
        return self.output_linear(x)


class GraniteMoeSharedDecoderLayer(GraniteMoeDecoderLayer):
    def __init__(self, config, layer):
        super().__init__(config, layer)
        self.shared_mlp = GraniteMoeSharedMLP(config) if config.shared_intermediate_size > 0 else None

    def forward(self, x, positions=None, mask=None, cache=None):
        before = x
        x = self.input_layernorm(x)
        x, weights = self.self_attn(x, positions, mask, cache)
        x = before + x * self.multiplier
        before = x
        x = self.post_attention_layernorm(x)
        routed = self.block_sparse_moe(x)
        x = routed if self.shared_mlp is None else routed + self.shared_mlp(x)
        return before + x * self.multiplier


class GraniteMoeSharedModel(GraniteMoeModel):
    layer_class = GraniteMoeSharedDecoderLayer


class GraniteMoeSharedForCausalLM(GraniteMoeForCausalLM):
    base = GraniteMoeSharedModel
