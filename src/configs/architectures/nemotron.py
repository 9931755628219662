"""Nemotron: Llama with squared ReLU between two layers, norms around one, and positions on half of each head."""
import torch
from torch import nn
from torch.nn import functional as F

from .parts.config import Config
from .parts.decoder import Attention, Decoder, DecoderLayer, PlainMLP
from .parts.heads import ForCausalLM, SequenceHead, SpanHead, TokenHead
from .parts.rotary import RotaryEmbedding


class NemotronConfig(Config):
    model_type = "nemotron"
    rope_theta = 10000.0
    attribute_map = {"rms_norm_eps": "norm_eps"}
    defaults = dict(
        vocab_size=256000,
        hidden_size=6144,
        intermediate_size=24576,
        num_hidden_layers=32,
        num_attention_heads=48,
        hidden_act="relu2",
        max_position_embeddings=4096,
        norm_eps=1e-5,
        tie_word_embeddings=False,
        partial_rotary_factor=0.5,
        attention_bias=False,
        attention_dropout=0.0,
        mlp_bias=False,
    )

    def complete(self, given):
        self.head_dim = self.head_dim or self.hidden_size // self.num_attention_heads


class NemotronLayerNorm1P(nn.LayerNorm):
    """A norm whose weights are kept around zero, under autocast in its type."""

    def forward(self, x):
        weight, bias = self.weight + 1.0, self.bias
        if torch.is_autocast_enabled():
            kind = torch.get_autocast_dtype(x.device.type)
            x, weight, bias = x.to(kind), weight.to(kind), bias.to(kind)
        with torch.autocast(device_type=x.device.type, enabled=False):
            return F.layer_norm(x, self.normalized_shape, weight, bias, self.eps)


class NemotronMLP(PlainMLP):
    names = ("up_proj", "down_proj", "act_fn")


class NemotronDecoderLayer(DecoderLayer):
    norm = NemotronLayerNorm1P

    def attention(self, config, layer):
        if config.num_key_value_heads is None:
            raise ValueError(f"num_key_value_heads is missing: how many heads of {config.num_attention_heads} have keys is not known")
        return Attention(config, layer, bias=config.attention_bias)

    def feed_forward(self, config, layer):
        return NemotronMLP(config, bias=config.mlp_bias)


class NemotronModel(Decoder):
    layer_class, norm_class = NemotronDecoderLayer, NemotronLayerNorm1P

    def rotary(self, config):
        return RotaryEmbedding(config, partial=True)

    def window(self, layer):
        return None


class NemotronForCausalLM(ForCausalLM):
    base = NemotronModel


class NemotronForSequenceClassification(SequenceHead):
    base = NemotronModel


class NemotronForTokenClassification(TokenHead):
    base = NemotronModel


class NemotronForQuestionAnswering(SpanHead):
    base = NemotronModel
