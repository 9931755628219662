"""Gemma 2: windows on every other layer, norms around both halves, and capped logits."""
import torch

from .parts.config import Config, alternating
from .parts.decoder import Attention, DecoderLayer, GatedMLP, window_of
from .parts.heads import ForCausalLM, SequenceHead, TokenHead
from .gemma import GemmaModel, GemmaRMSNorm


class Gemma2Config(Config):
    model_type = "gemma2"
    whole_heads = True
    rope_theta = 10000.0
    defaults = dict(
        vocab_size=256000,
        hidden_size=2304,
        intermediate_size=9216,
        num_hidden_layers=26,
        num_attention_heads=8,
        num_key_value_heads=4,
        head_dim=256,
        hidden_activation="gelu_pytorch_tanh",
        max_position_embeddings=8192,
        rms_norm_eps=1e-6,
        pad_token_id=0,
        attention_bias=False,
        attention_dropout=0.0,
        query_pre_attn_scalar=256,
        sliding_window=4096,
        final_logit_softcapping=30.0,
        attn_logit_softcapping=50.0,
    )

    def complete(self, given):
        self.layer_types = self.layer_types or alternating(self, 2)


class Gemma2Attention(Attention):
    def __init__(self, config, layer):
        super().__init__(config, layer, bias=config.attention_bias, window=window_of(config, layer))
        self.scale = config.query_pre_attn_scalar**-0.5
        self.cap = config.attn_logit_softcapping


class Gemma2DecoderLayer(DecoderLayer):
    attention_class = Gemma2Attention

    def norms(self, config):
        names = ("input_layernorm", "post_attention_layernorm", "pre_feedforward_layernorm", "post_feedforward_layernorm")
        for name in names:
            setattr(self, name, GemmaRMSNorm(config.hidden_size, eps=config.rms_norm_eps))

    def attention(self, config, layer):
        return self.attention_class(config, layer)

    def feed_forward(self, config, layer):
        return GatedMLP(config, act=config.hidden_activation)

    def forward(self, x, positions=None, mask=None, cache=None):
        before = x
        x = self.input_layernorm(x)
        x, weights = self.self_attn(x, positions, mask, cache)
        x = self.post_attention_layernorm(x)
        x = before + x
        before = x
        x = self.pre_feedforward_layernorm(x)
        x = self.mlp(x)
        x = self.post_feedforward_layernorm(x)
        return before + x


class Gemma2Model(GemmaModel):
    layer_class = Gemma2DecoderLayer

    def window(self, layer):
        return window_of(self.config, layer)


class CappedLM(ForCausalLM):
    """Logits squeezed between plus and minus `final_logit_softcapping`."""

    def scaled(self, logits):
        cap = self.config.final_logit_softcapping
        if cap is None:
            return logits
        logits = logits / cap
        logits = torch.tanh(logits)
        return logits * cap


class Gemma2ForCausalLM(CappedLM):
    base = Gemma2Model


class Gemma2ForSequenceClassification(SequenceHead):
    base = Gemma2Model


class Gemma2ForTokenClassification(TokenHead):
    base = Gemma2Model
