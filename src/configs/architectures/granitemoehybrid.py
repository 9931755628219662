"""Granite-MoE-Hybrid (Granite 4): Mamba 2 layers with attention at named places, each with Granite's experts and a shared feed-forward."""
from .bamba import BambaConfig, BambaMixer, complete_heads
from .granite import GraniteAttention
from .granitemoe import GraniteMoeForCausalLM
from .granitemoeshared import GraniteMoeSharedConfig, GraniteMoeSharedMLP
from .parts.attention import RMSNorm
from .parts.block import Block
from .parts.experts import Experts, SparseMLP, TopRouter
from .parts.hybrid import HybridDecoder
from .parts.rotary import RotaryEmbedding

#: What older files call the kinds of layers.
OLDER = {"mamba": "linear_attention", "attention": "full_attention"}


class GraniteMoeHybridConfig(GraniteMoeSharedConfig):
    model_type = "granitemoehybrid"
    attribute_map = {"layers_block_type": "layer_types"}
    defaults = dict(
        GraniteMoeSharedConfig.defaults,
        shared_intermediate_size=1024,
        **{name: value for name, value in BambaConfig.defaults.items() if name.startswith("mamba_")},
        time_step_limit=(0.0, float("inf")),
    )

    def complete(self, given):
        super().complete(given)
        complete_heads(self)
        kinds = self.layer_types or ["linear_attention"] * self.num_hidden_layers
        self.layer_types = [OLDER.get(kind, kind) for kind in kinds]


class GraniteMoeHybridDecoderLayer(Block):
    def __init__(self, config, layer):
        super().__init__()
        self.multiplier = config.residual_multiplier
        self.attends = config.layer_types[layer] != "linear_attention"
        if self.attends:
            self.self_attn = GraniteAttention(config, layer)
        else:
            self.mamba = BambaMixer(config, layer)
        self.input_layernorm = RMSNorm(config.hidden_size, eps=config.rms_norm_eps)
        self.post_attention_layernorm = RMSNorm(config.hidden_size, eps=config.rms_norm_eps)
        count = config.num_local_experts
        self.block_sparse_moe = None
        if count > 0:
            experts = Experts(count, config.hidden_size, config.intermediate_size, config.hidden_act)
            self.block_sparse_moe = SparseMLP(TopRouter(config, count), experts, ("router", "experts"))
        self.shared_mlp = GraniteMoeSharedMLP(config)

    def mixed(self, x, positions, mask, cache):
        return self.self_attn(x, positions, mask, cache)[0] if self.attends else self.mamba(x, mask, cache)

    def forward(self, x, positions=None, mask=None, cache=None):
        before = x
        x = self.input_layernorm(x)
        x = self.mixed(x, positions, mask, cache)
        x = before + x * self.multiplier
        before = x
        x = self.post_attention_layernorm(x)
        x = self.shared_mlp(x) if self.block_sparse_moe is None else self.block_sparse_moe(x) + self.shared_mlp(x)
        return before + x * self.multiplier


class GraniteMoeHybridModel(HybridDecoder):
    layer_class = attending = GraniteMoeHybridDecoderLayer

    def rotary(self, config):
        return RotaryEmbedding(config) if config.position_embedding_type == "rope" else None

    def positions(self, x, position_ids):
        return None if self.rotary_emb is None else super().positions(x, position_ids)

    def embedded(self, x):
        return x * self.config.embedding_multiplier


class GraniteMoeHybridForCausalLM(GraniteMoeForCausalLM):
    base = GraniteMoeHybridModel
