"""Qwen3.5: Qwen3-Next without experts, with positions in time, rows and columns, which reads images and videos."""
from torch import nn

from .gemma import GemmaRMSNorm
from .parts.config import Config
from .parts.decoder import GatedMLP
from .parts.heads import ForCausalLM, SequenceHead, TokenHead
from .parts.hybrid import HybridDecoder
from .parts.multimodal import MultimodalLM
from .parts.multirotary import InterleavedRotaryEmbedding, MultiDecoder
from .parts.rotary import RotaryEmbedding
from .qwen2_vl import Qwen2VLModel
from .qwen3_next import Qwen3NextAttentionLayer, Qwen3NextConfig, Qwen3NextDeltaLayer, Qwen3NextDeltaNet
from .qwen3_vl import Qwen3VLConfig, Qwen3VLVisionConfig, Qwen3VLVisionModel


class Qwen3_5TextConfig(Qwen3NextConfig):
    model_type = "qwen3_5_text"
    defaults = dict(
        vocab_size=248320,
        hidden_size=4096,
        intermediate_size=12288,
        num_hidden_layers=32,
        num_attention_heads=16,
        num_key_value_heads=4,
        hidden_act="silu",
        max_position_embeddings=32768,
        rms_norm_eps=1e-6,
        tie_word_embeddings=False,
        attention_bias=False,
        attention_dropout=0.0,
        head_dim=256,
        partial_rotary_factor=0.25,
        linear_conv_kernel_dim=4,
        linear_key_head_dim=128,
        linear_value_head_dim=128,
        linear_num_key_heads=16,
        linear_num_value_heads=32,
    )


class Qwen3_5VisionConfig(Qwen3VLVisionConfig):
    """Its tokens go to the text's input alone."""

    model_type = "qwen3_5_vision"
    defaults = dict(Qwen3VLVisionConfig.defaults, deepstack_visual_indexes=())


class Qwen3_5Config(Qwen3VLConfig):
    model_type = "qwen3_5"
    sub_configs = {"vision_config": "qwen3_5_vision", "text_config": "qwen3_5_text"}
    defaults = dict(Qwen3VLConfig.defaults, image_token_id=248056, video_token_id=248057)

    def complete(self, given):
        self.hidden_size, self.pad_token_id = self.text_config.hidden_size, self.text_config.pad_token_id


class SectionedRotaryEmbedding(InterleavedRotaryEmbedding):
    """Positions in three directions on a part of each head."""

    def __init__(self, config):
        RotaryEmbedding.__init__(self, config, partial=True)
        self.sections = config.rope_parameters.get("mrope_section", [11, 11, 10])


class Qwen3_5DeltaNet(Qwen3NextDeltaNet):
    """A product each for what the convolution reads, the gate, the strength and the decay."""

    def projections(self, size, channels):
        self.in_proj_qkv = nn.Linear(size, channels, bias=False)
        self.in_proj_z = nn.Linear(size, self.values, bias=False)
        self.in_proj_b = nn.Linear(size, self.value_heads, bias=False)
        self.in_proj_a = nn.Linear(size, self.value_heads, bias=False)

    def projected(self, x):
        mixed = self.in_proj_qkv(x).transpose(1, 2)
        gate = self.in_proj_z(x).reshape(*x.shape[:2], -1, self.value_width)
        return mixed, (gate, self.in_proj_b(x), self.in_proj_a(x), None), None


class Qwen3_5DeltaLayer(Qwen3NextDeltaLayer):
    def mixer(self, config, layer):
        return Qwen3_5DeltaNet(config, layer)

    def inner(self, config, layer):
        return GatedMLP(config)


class Qwen3_5AttentionLayer(Qwen3NextAttentionLayer):
    def inner(self, config, layer):
        return GatedMLP(config)


class Qwen3_5TextModel(MultiDecoder, HybridDecoder):
    layer_class, attending = Qwen3_5DeltaLayer, Qwen3_5AttentionLayer
    norm_class = GemmaRMSNorm
    searches = True

    def rotary(self, config):
        return SectionedRotaryEmbedding(config)


class Qwen3_5VisionModel(Qwen3VLVisionModel):
    pass


class Qwen3_5Model(Qwen2VLModel):
    vision_class, text_class = Qwen3_5VisionModel, Qwen3_5TextModel


class Qwen3_5ForConditionalGeneration(MultimodalLM):
    base = Qwen3_5Model


class Qwen3_5ForCausalLM(ForCausalLM):
    """The language model alone."""

    base = Qwen3_5TextModel

    def __init__(self, config):
        super().__init__(config.text_config or config)


class Qwen3_5ForSequenceClassification(SequenceHead):
    base = Qwen3_5Model


class Qwen3_5TextForSequenceClassification(SequenceHead):
    base = Qwen3_5TextModel


class Qwen3_5ForTokenClassification(TokenHead):
    base = Qwen3_5Model
