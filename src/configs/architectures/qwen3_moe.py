"""Qwen3-MoE: Qwen3 with routed experts."""
from .parts.config import Config
from .parts.decoder import Decoder, DecoderLayer, GatedMLP
from .parts.experts import Experts, SoftmaxRouter, SparseMLP
from .parts.heads import ForCausalLM, SequenceHead, SpanHead, TokenHead
from .qwen2_moe import sparse
from .qwen3 import NormedAttention


class Qwen3MoeConfig(Config):
    model_type = "qwen3_moe"
    rope_theta = 10000.0
    attribute_map = {"num_local_experts": "num_experts"}
    defaults = dict(
        vocab_size=151936,
        hidden_size=2048,
        intermediate_size=6144,
        num_hidden_layers=24,
        num_attention_heads=32,
        num_key_value_heads=4,
        hidden_act="silu",
        max_position_embeddings=32768,
        rms_norm_eps=1e-6,
        tie_word_embeddings=False,
        attention_bias=False,
        attention_dropout=0.0,
        use_sliding_window=False,
        sliding_window=4096,
        decoder_sparse_step=1,
        moe_intermediate_size=768,
        num_experts_per_tok=8,
        num_experts=128,
        norm_topk_prob=False,
    )

    def complete(self, given):
        self.sliding_window = self.sliding_window if self.use_sliding_window else None
        self.layer_types = None


class Qwen3MoeDecoderLayer(DecoderLayer):
    def attention(self, config, layer):
        return NormedAttention(config, layer, bias=config.attention_bias, window=config.sliding_window)

    def feed_forward(self, config, layer):
        if not sparse(config, layer):
            return GatedMLP(config)
        experts = Experts(config.num_experts, config.hidden_size, config.moe_intermediate_size, config.hidden_act)
        return SparseMLP(SoftmaxRouter(config, config.num_experts, config.norm_topk_prob), experts)


class Qwen3MoeModel(Decoder):
    layer_class = Qwen3MoeDecoderLayer


class Qwen3MoeForCausalLM(ForCausalLM):
    base = Qwen3MoeModel


class Qwen3MoeForSequenceClassification(SequenceHead):
    base = Qwen3MoeModel


class Qwen3MoeForTokenClassification(TokenHead):
    base = Qwen3MoeModel


class Qwen3MoeForQuestionAnswering(SpanHead):
    base = Qwen3MoeModel
