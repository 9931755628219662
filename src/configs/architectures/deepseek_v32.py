"""DeepSeek-V3.2: DeepSeek-V3 whose queries attend to the tokens that an indexer picks."""
from .deepseek_v3 import DeepseekV3Config
from .glm4_moe import routed
from .parts.decoder import Decoder, DecoderLayer, GatedMLP
from .parts.heads import ForCausalLM
from .parts.masks import decoder_mask
from .parts.sparse import SparseLatentAttention


class DeepseekV32Config(DeepseekV3Config):
    model_type = "deepseek_v32"
    attribute_map = {"num_local_experts": "n_routed_experts", "num_experts": "n_routed_experts"}
    defaults = dict(
        DeepseekV3Config.defaults,
        max_position_embeddings=163840,
        index_topk=2048,
        index_head_dim=128,
        index_n_heads=64,
    )

    def complete(self, given):
        self.head_dim = self.qk_rope_head_dim
        if self.mlp_layer_types is None:
            dense = min(self.first_k_dense_replace, self.num_hidden_layers)
            self.mlp_layer_types = ["dense"] * dense + ["sparse"] * (self.num_hidden_layers - dense)


class DeepseekV32DecoderLayer(DecoderLayer):
    """A layer that also hands on which tokens its queries attended to."""

    attention_class = SparseLatentAttention

    def attention(self, config, layer):
        return self.attention_class(config, layer)

    def feed_forward(self, config, layer):
        return routed(config) if config.mlp_layer_types[layer] == "sparse" else GatedMLP(config)

    def forward(self, x, positions=None, mask=None, cache=None, picked=None):
        before = x
        x = self.input_layernorm(x)
        x, weights, picked = self.self_attn(x, positions, mask, cache, picked)
        x = before + x
        before = x
        x = self.post_attention_layernorm(x)
        x = self.mlp(x)
        return before + x, picked


class DeepseekV32Model(Decoder):
    layer_class = DeepseekV32DecoderLayer

    def window(self, layer):
        return None

    def masks(self, x, padding, cache, positions):
        """The indexer reads the mask too, so that one is always made."""
        return {None: decoder_mask(self.config, x, padding, None, cache, positions, skips=False)}

    def step(self, i, layer, x, positions, mask, cache, held):
        x, held["picked"] = layer(x, positions, mask, cache, held.get("picked"))
        return x


class DeepseekV32ForCausalLM(ForCausalLM):
    base = DeepseekV32Model
