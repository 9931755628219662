"""Granite-MoE: Granite whose feed-forward is routed."""
from .granite import GraniteConfig, GraniteDecoderLayer, GraniteForCausalLM, GraniteModel
from .parts.experts import Experts, SparseMLP, TopRouter


class GraniteMoeConfig(GraniteConfig):
    model_type = "granitemoe"
    defaults = dict(GraniteConfig.defaults, num_local_experts=8, num_experts_per_tok=2)


class GraniteMoeDecoderLayer(GraniteDecoderLayer):
    def __init__(self, config, layer):
        super().__init__(config, layer)
        del self.mlp
        count = config.num_local_experts
        experts = Experts(count, config.hidden_size, config.intermediate_size, config.hidden_act)
        self.block_sparse_moe = SparseMLP(TopRouter(config, count), experts, ("router", "experts"))

    def forward(self, x, positions=None, mask=None, cache=None):
        before = x
        x = self.input_layernorm(x)
        x, weights = self.self_attn(x, positions, mask, cache)
        x = before + x * self.multiplier
        before = x
        x = self.post_attention_layernorm(x)
        x = self.block_sparse_moe(x)
        return before + x * self.multiplier


class GraniteMoeModel(GraniteModel):
    layer_class = GraniteMoeDecoderLayer


class GraniteMoeForCausalLM(GraniteForCausalLM):
    base = GraniteMoeModel
