"""Gemma 3: Gemma 2 with five windowed layers to a full one, normalised heads, and images where the config has them."""
import torch
from torch import nn

from .gemma import GemmaRMSNorm
from .gemma2 import CappedLM, Gemma2Attention, Gemma2DecoderLayer, Gemma2Model
from .parts.config import Config, alternating, typed_rotary
from .parts.decoder import TypedDecoder
from .parts.heads import SequenceHead
from .parts.multimodal import Multimodal, MultimodalLM


class Gemma3TextConfig(Config):
    model_type = "gemma3_text"
    whole_heads = True
    rope_theta = 1000000.0
    defaults = dict(
        vocab_size=262208,
        hidden_size=2304,
        intermediate_size=9216,
        num_hidden_layers=26,
        num_attention_heads=8,
        num_key_value_heads=4,
        head_dim=256,
        hidden_activation="gelu_pytorch_tanh",
        max_position_embeddings=131072,
        rms_norm_eps=1e-6,
        pad_token_id=0,
        attention_bias=False,
        attention_dropout=0.0,
        query_pre_attn_scalar=256,
        sliding_window=4096,
        use_bidirectional_attention=False,
    )

    def complete(self, given):
        if self.use_bidirectional_attention:
            self.sliding_window = self.sliding_window // 2 + 1
        self.layer_types = self.layer_types or alternating(self, given.get("sliding_window_pattern") or 6)

    def rotary(self, given):
        return typed_rotary(self, given, self.rope_theta, 10000.0)


class Gemma3Config(Config):
    model_type = "gemma3"
    attribute_map = {"image_token_id": "image_token_index"}
    sub_configs = {"text_config": "gemma3_text", "vision_config": "siglip_vision_model"}
    defaults = dict(text_config=None, vision_config=None, mm_tokens_per_image=256, image_token_index=262144)

    def complete(self, given):
        self.hidden_size = self.text_config.hidden_size
        self.pad_token_id = self.text_config.pad_token_id


class Gemma3Attention(Gemma2Attention):
    def __init__(self, config, layer):
        super().__init__(config, layer)
        self.q_norm = GemmaRMSNorm(config.head_dim, eps=config.rms_norm_eps)
        self.k_norm = GemmaRMSNorm(config.head_dim, eps=config.rms_norm_eps)

    def heads(self, x):
        query, key, value = super().heads(x)
        return self.q_norm(query), self.k_norm(key), value


class Gemma3DecoderLayer(Gemma2DecoderLayer):
    attention_class = Gemma3Attention


class Gemma3TextModel(TypedDecoder, Gemma2Model):
    layer_class = Gemma3DecoderLayer


class Gemma3ForCausalLM(CappedLM):
    base = Gemma3TextModel


class Gemma3TextForSequenceClassification(SequenceHead):
    base = Gemma3TextModel


class Gemma3MultiModalProjector(nn.Module):
    """Patches averaged down to a fixed number of tokens, normalised, and brought to the text's width."""

    def __init__(self, config):
        super().__init__()
        vision = config.vision_config
        self.mm_input_projection_weight = nn.Parameter(torch.zeros(vision.hidden_size, config.text_config.hidden_size))
        self.mm_soft_emb_norm = GemmaRMSNorm(vision.hidden_size, eps=vision.layer_norm_eps)
        self.side = vision.image_size // vision.patch_size
        step = self.side // int(config.mm_tokens_per_image**0.5)
        self.avg_pool = nn.AvgPool2d(kernel_size=step, stride=step)

    def forward(self, x):
        grid = x.transpose(1, 2).reshape(x.shape[0], x.shape[2], self.side, self.side).contiguous()
        pooled = self.avg_pool(grid).flatten(2).transpose(1, 2)
        return torch.matmul(self.mm_soft_emb_norm(pooled), self.mm_input_projection_weight).type_as(x)


class Gemma3Model(Multimodal):
    def projector(self, config):
        return Gemma3MultiModalProjector(config)


class Gemma3ForConditionalGeneration(MultimodalLM):
    base = Gemma3Model


class Gemma3ForSequenceClassification(SequenceHead):
    base = Gemma3Model
