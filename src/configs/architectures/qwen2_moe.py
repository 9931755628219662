"""Qwen2-MoE: Qwen2 with routed experts and a gated one that every token uses."""
from torch.nn import functional as F
from torch import nn

from .parts.config import Config
from .parts.decoder import Attention, Decoder, DecoderLayer, GatedMLP, window_of
from .parts.experts import Experts, SoftmaxRouter, SparseMLP
from .parts.heads import ForCausalLM, SequenceHead, SpanHead, TokenHead


class Qwen2MoeConfig(Config):
    model_type = "qwen2_moe"
    rope_theta = 10000.0
    defaults = dict(
        vocab_size=151936,
        hidden_size=2048,
        intermediate_size=5632,
        num_hidden_layers=24,
        num_attention_heads=16,
        num_key_value_heads=16,
        hidden_act="silu",
        max_position_embeddings=32768,
        rms_norm_eps=1e-6,
        tie_word_embeddings=False,
        use_sliding_window=False,
        sliding_window=4096,
        max_window_layers=28,
        attention_dropout=0.0,
        decoder_sparse_step=1,
        moe_intermediate_size=1408,
        shared_expert_intermediate_size=5632,
        num_experts_per_tok=4,
        num_experts=60,
        norm_topk_prob=False,
        qkv_bias=True,
    )

    def complete(self, given):
        self.mlp_only_layers = self.mlp_only_layers or []
        self.sliding_window = self.sliding_window if self.use_sliding_window else None
        if self.layer_types is None:
            first = self.max_window_layers if self.use_sliding_window else 0
            kinds = ("full_attention", "sliding_attention")
            self.layer_types = [kinds[i % 2 == 0 and i < first] for i in range(self.num_hidden_layers)]


def sparse(config, layer):
    """Whether a layer has experts."""
    if layer in (config.mlp_only_layers or []):
        return False
    return config.num_experts > 0 and (layer + 1) % config.decoder_sparse_step == 0


class Qwen2MoeMLP(SparseMLP):
    def __init__(self, config):
        experts = Experts(config.num_experts, config.hidden_size, config.moe_intermediate_size, config.hidden_act)
        super().__init__(SoftmaxRouter(config, config.num_experts, config.norm_topk_prob), experts)
        self.shared_expert = GatedMLP(config, config.shared_expert_intermediate_size)
        self.shared_expert_gate = nn.Linear(config.hidden_size, 1, bias=False)

    def forward(self, x):
        flat = x.view(-1, x.shape[-1])
        shared = self.shared_expert(flat)
        routed = super().forward(flat)
        return (routed + F.sigmoid(self.shared_expert_gate(flat)) * shared).reshape(x.shape)


class Qwen2MoeDecoderLayer(DecoderLayer):
    def attention(self, config, layer):
        return Attention(config, layer, bias=config.qkv_bias, out_bias=False, window=window_of(config, layer))

    def feed_forward(self, config, layer):
        return Qwen2MoeMLP(config) if sparse(config, layer) else GatedMLP(config)


class Qwen2MoeModel(Decoder):
    layer_class = Qwen2MoeDecoderLayer


class Qwen2MoeForCausalLM(ForCausalLM):
    base = Qwen2MoeModel


class Qwen2MoeForSequenceClassification(SequenceHead):
    base = Qwen2MoeModel


class Qwen2MoeForTokenClassification(TokenHead):
    base = Qwen2MoeModel


class Qwen2MoeForQuestionAnswering(SpanHead):
    base = Qwen2MoeModel
    name = "model"
