"""GLM-5: DeepSeek-V3.2's attention, where layers may share what one indexer picked, with GLM-4.5's experts."""
from .deepseek_v32 import DeepseekV32Config, DeepseekV32DecoderLayer, DeepseekV32Model
from .parts.heads import ForCausalLM
from .parts.sparse import SparseLatentAttention


class GlmMoeDsaConfig(DeepseekV32Config):
    model_type = "glm_moe_dsa"
    defaults = dict(
        DeepseekV32Config.defaults,
        vocab_size=154880,
        hidden_size=6144,
        intermediate_size=12288,
        num_hidden_layers=78,
        num_attention_heads=64,
        num_key_value_heads=64,
        q_lora_rank=2048,
        v_head_dim=256,
        qk_nope_head_dim=192,
        n_group=1,
        topk_group=1,
        max_position_embeddings=202752,
        rms_norm_eps=1e-5,
        index_n_heads=32,
    )

    def complete(self, given):
        super().complete(given)
        if self.indexer_types is None:
            self.indexer_types = indexer_types(self, given.get("index_topk_pattern"))


def indexer_types(config, pattern):
    """Which layers pick tokens anew: by a pattern of F and S, else every so many layers behind the first ones."""
    if isinstance(pattern, str):
        return [{"F": "full", "S": "shared"}[one] for one in pattern]
    if pattern is not None:
        return list(pattern)
    every = max(1 if config.index_topk_freq is None else config.index_topk_freq, 1)
    first = 2 if config.index_skip_topk_offset is None else config.index_skip_topk_offset
    return ["full" if max(i - first + 1, 0) % every == 0 else "shared" for i in range(config.num_hidden_layers)]


class GlmMoeDsaAttention(SparseLatentAttention):
    pairs_index = True

    def __init__(self, config, layer):
        super().__init__(config, layer, indexed=config.indexer_types[layer] != "shared")


class GlmMoeDsaDecoderLayer(DeepseekV32DecoderLayer):
    attention_class = GlmMoeDsaAttention


class GlmMoeDsaModel(DeepseekV32Model):
    layer_class = GlmMoeDsaDecoderLayer


class GlmMoeDsaForCausalLM(ForCausalLM):
    base = GlmMoeDsaModel
