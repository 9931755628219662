"""Mixtral: Mistral whose feed-forward is a choice of two experts of eight."""
from .parts.config import Config
from .parts.decoder import Attention, Decoder, DecoderLayer
from .parts.experts import Experts, SoftmaxRouter, SparseMLP
from .parts.heads import ForCausalLM, SequenceHead, SpanHead, TokenHead


class MixtralConfig(Config):
    model_type = "mixtral"
    rope_theta = 1000000.0
    attribute_map = {"num_experts": "num_local_experts"}
    defaults = dict(
        vocab_size=32000,
        hidden_size=4096,
        intermediate_size=14336,
        num_hidden_layers=32,
        num_attention_heads=32,
        num_key_value_heads=8,
        hidden_act="silu",
        max_position_embeddings=131072,
        rms_norm_eps=1e-5,
        tie_word_embeddings=False,
        attention_dropout=0.0,
        num_experts_per_tok=2,
        num_local_experts=8,
    )

    def complete(self, given):
        self.num_key_value_heads = self.num_key_value_heads or self.num_attention_heads
        self.layer_types = None


class MixtralDecoderLayer(DecoderLayer):
    def attention(self, config, layer):
        return Attention(config, layer, window=config.sliding_window)

    def feed_forward(self, config, layer):
        count = config.num_local_experts
        experts = Experts(count, config.hidden_size, config.intermediate_size, config.hidden_act)
        return SparseMLP(SoftmaxRouter(config, count, wide=True), experts)


class MixtralModel(Decoder):
    layer_class = MixtralDecoderLayer


class MixtralForCausalLM(ForCausalLM):
    base = MixtralModel


class MixtralForSequenceClassification(SequenceHead):
    base = MixtralModel


class MixtralForTokenClassification(TokenHead):
    base = MixtralModel


class MixtralForQuestionAnswering(SpanHead):
    base = MixtralModel
    name = "model"
