"""Qwen3.5-MoE: Qwen3.5 with routed experts and a gated one that every token uses."""
from .parts.heads import ForCausalLM
from .parts.multimodal import MultimodalLM
from .qwen2_moe import Qwen2MoeMLP
from .qwen3_5 import Qwen3_5AttentionLayer, Qwen3_5Config, Qwen3_5DeltaLayer, Qwen3_5Model, Qwen3_5TextConfig
from .qwen3_5 import Qwen3_5TextModel, Qwen3_5VisionConfig, Qwen3_5VisionModel


class Qwen3_5MoeTextConfig(Qwen3_5TextConfig):
    model_type = "qwen3_5_moe_text"
    defaults = dict(
        Qwen3_5TextConfig.defaults,
        hidden_size=2048,
        num_hidden_layers=40,
        num_key_value_heads=2,
        moe_intermediate_size=512,
        shared_expert_intermediate_size=512,
        num_experts_per_tok=8,
        num_experts=256,
    )

    def complete(self, given):
        super().complete(given)
        self.norm_topk_prob = True


class Qwen3_5MoeVisionConfig(Qwen3_5VisionConfig):
    model_type = "qwen3_5_moe_vision"


class Qwen3_5MoeConfig(Qwen3_5Config):
    model_type = "qwen3_5_moe"
    sub_configs = {"vision_config": "qwen3_5_moe_vision", "text_config": "qwen3_5_moe_text"}


class Qwen3_5MoeDeltaLayer(Qwen3_5DeltaLayer):
    def inner(self, config, layer):
        return Qwen2MoeMLP(config)


class Qwen3_5MoeAttentionLayer(Qwen3_5AttentionLayer):
    def inner(self, config, layer):
        return Qwen2MoeMLP(config)


class Qwen3_5MoeTextModel(Qwen3_5TextModel):
    layer_class, attending = Qwen3_5MoeDeltaLayer, Qwen3_5MoeAttentionLayer


class Qwen3_5MoeVisionModel(Qwen3_5VisionModel):
    pass


class Qwen3_5MoeModel(Qwen3_5Model):
    vision_class, text_class = Qwen3_5MoeVisionModel, Qwen3_5MoeTextModel


class Qwen3_5MoeForConditionalGeneration(MultimodalLM):
    base = Qwen3_5MoeModel


class Qwen3_5MoeForCausalLM(ForCausalLM):
    """The language model alone."""

    base = Qwen3_5MoeTextModel

    def __init__(self, config):
        super().__init__(config.text_config or config)
