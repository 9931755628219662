"""Qwen3-VL-MoE: Qwen3-VL with routed experts, whose shares always add up to one."""
from .parts.multimodal import MultimodalLM
from .qwen3_moe import Qwen3MoeConfig, Qwen3MoeDecoderLayer
from .qwen3_vl import DeepDecoder, Qwen3VLConfig, Qwen3VLModel, Qwen3VLVisionConfig, Qwen3VLVisionModel


class Qwen3VLMoeVisionConfig(Qwen3VLVisionConfig):
    model_type = "qwen3_vl_moe_vision"


class Qwen3VLMoeTextConfig(Qwen3MoeConfig):
    model_type = "qwen3_vl_moe_text"
    rope_theta = 500000.0
    defaults = dict(
        vocab_size=151936,
        hidden_size=2048,
        intermediate_size=5632,
        num_hidden_layers=24,
        num_attention_heads=16,
        num_key_value_heads=16,
        head_dim=None,
        hidden_act="silu",
        max_position_embeddings=128000,
        rms_norm_eps=1e-6,
        attention_bias=False,
        attention_dropout=0.0,
        decoder_sparse_step=1,
        moe_intermediate_size=1408,
        num_experts_per_tok=4,
        num_experts=60,
        mlp_only_layers=None,
    )

    def complete(self, given):
        self.num_key_value_heads = self.num_key_value_heads or self.num_attention_heads
        self.sliding_window = self.layer_types = None
        self.norm_topk_prob = True


class Qwen3VLMoeConfig(Qwen3VLConfig):
    model_type = "qwen3_vl_moe"
    sub_configs = {"vision_config": Qwen3VLMoeVisionConfig, "text_config": Qwen3VLMoeTextConfig}


class Qwen3VLMoeVisionModel(Qwen3VLVisionModel):
    pass


class Qwen3VLMoeTextModel(DeepDecoder):
    layer_class = Qwen3MoeDecoderLayer


class Qwen3VLMoeModel(Qwen3VLModel):
    vision_class = Qwen3VLMoeVisionModel
    text_class = Qwen3VLMoeTextModel


class Qwen3VLMoeForConditionalGeneration(MultimodalLM):
    base = Qwen3VLMoeModel
