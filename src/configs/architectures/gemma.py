"""Gemma: Llama with wide heads, scaled embeddings, and norms whose weights are kept around zero."""
import torch
from torch import nn

from .parts.config import Config
from .parts.decoder import Attention, Decoder, DecoderLayer
from .parts.heads import ForCausalLM, SequenceHead, TokenHead


class GemmaConfig(Config):
    model_type = "gemma"
    rope_theta = 10000.0
    defaults = dict(
        vocab_size=256000,
        hidden_size=3072,
        intermediate_size=24576,
        num_hidden_layers=28,
        num_attention_heads=16,
        num_key_value_heads=16,
        head_dim=256,
        hidden_act="gelu_pytorch_tanh",
        max_position_embeddings=8192,
        rms_norm_eps=1e-6,
        pad_token_id=0,
        attention_bias=False,
        attention_dropout=0.0,
    )


class ScaledEmbedding(nn.Embedding):
    """Embeddings times a number that is kept as a buffer."""

    def __init__(self, count, size, padding, scale):
        super().__init__(count, size, padding)
        self.register_buffer("embed_scale", torch.tensor(scale), persistent=False)

    def forward(self, input_ids):
        return super().forward(input_ids) * self.embed_scale.to(self.weight.dtype)


class GemmaRMSNorm(nn.Module):
    def __init__(self, size, eps=1e-6):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(size))
        self.eps = eps

    def forward(self, x):
        out = x.float()
        out = out * torch.rsqrt(out.pow(2).mean(-1, keepdim=True) + self.eps)
        out = out * (1.0 + self.weight.float())
        return out.type_as(x)


class GemmaDecoderLayer(DecoderLayer):
    norm = GemmaRMSNorm

    def attention(self, config, layer):
        return Attention(config, layer, bias=config.attention_bias)


class GemmaModel(Decoder):
    layer_class = GemmaDecoderLayer
    norm_class = GemmaRMSNorm

    def embedding(self, config):
        return ScaledEmbedding(config.vocab_size, config.hidden_size, config.pad_token_id, config.hidden_size**0.5)

    def window(self, layer):
        return None


class GemmaForCausalLM(ForCausalLM):
    base = GemmaModel


class GemmaForSequenceClassification(SequenceHead):
    base = GemmaModel


class GemmaForTokenClassification(TokenHead):
    base = GemmaModel
