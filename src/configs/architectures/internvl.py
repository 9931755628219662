"""InternVL: an image encoder with scaled residuals, whose patches are packed four to a token of a language model."""
import torch
from torch import nn

from .parts.activations import activation
from .parts.attention import RMSNorm, attend
from .parts.block import Block
from .parts.config import Config
from .parts.heads import ImageModel
from .parts.masks import is_eager
from .parts.multimodal import Multimodal, MultimodalLM
from .parts.output import Output
from .parts.patches import PatchEmbeddings, masked_patches, pair, resized_positions
from .parts.vision import FeedForward


class InternVLVisionConfig(Config):
    model_type = "internvl_vision"
    whole_heads = True
    defaults = dict(
        hidden_size=1024,
        num_hidden_layers=24,
        num_attention_heads=16,
        attention_bias=False,
        use_qk_norm=False,
        intermediate_size=4096,
        hidden_act="gelu",
        hidden_dropout_prob=0.0,
        attention_dropout=0.0,
        projection_dropout=0.0,
        norm_type="layer_norm",
        layer_norm_eps=1e-6,
        image_size=[448, 448],
        patch_size=[14, 14],
        num_channels=3,
        use_mask_token=False,
        use_absolute_position_embeddings=True,
        layer_scale_init_value=0.1,
        use_mean_pooling=True,
    )

    def complete(self, given):
        if self.norm_type not in ("layer_norm", "rms_norm"):
            raise ValueError(f"norm_type {self.norm_type!r} is neither layer_norm nor rms_norm")


class InternVLConfig(Config):
    model_type = "internvl"
    sub_configs = {"text_config": "qwen2", "vision_config": InternVLVisionConfig}
    defaults = dict(
        text_config=None,
        vision_config=None,
        image_token_id=151667,
        image_seq_length=256,
        downsample_ratio=0.5,
        projector_hidden_act="gelu",
        vision_feature_layer=-1,
        vision_feature_select_strategy="default",
    )


class InternVLVisionAttention(nn.Module):
    """Every patch with every other; queries and keys may be normalised over all heads."""

    def __init__(self, config):
        super().__init__()
        self.config = config
        size, self.heads = config.hidden_size, config.num_attention_heads
        self.scale = (size // self.heads) ** -0.5
        self.q_proj = nn.Linear(size, size, bias=config.attention_bias)
        self.k_proj = nn.Linear(size, size, bias=config.attention_bias)
        self.v_proj = nn.Linear(size, size, bias=config.attention_bias)
        self.projection_layer = nn.Linear(size, size)
        drop = config.projection_dropout
        self.projection_dropout = nn.Dropout(drop) if drop > 0 else nn.Identity()
        self.q_norm = RMSNorm(size) if config.use_qk_norm else nn.Identity()
        self.k_norm = RMSNorm(size) if config.use_qk_norm else nn.Identity()

    def forward(self, x):
        query, key, value = self.q_proj(x), self.k_proj(x), self.v_proj(x)
        query, key = self.q_norm(query), self.k_norm(key)
        query, key, value = (one.reshape(*x.shape[:2], self.heads, -1).transpose(1, 2) for one in (query, key, value))
        dropout = self.config.attention_dropout if self.training else 0.0
        out, weights = attend(query, key, value, None, False, self.scale, dropout, is_eager(self.config), wide=False)
        out = out.reshape(x.shape)
        return self.projection_dropout(self.projection_layer(out)), weights


class InternVLVisionPatchEmbeddings(PatchEmbeddings):
    def forward(self, pixel_values):
        return super().forward(pixel_values.to(self.projection.weight.dtype))


class InternVLVisionEmbeddings(nn.Module):
    def __init__(self, config):
        super().__init__()
        size = config.hidden_size
        self.patch = pair(config.patch_size)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, size))
        self.mask_token = nn.Parameter(torch.zeros(1, 1, size)) if config.use_mask_token else None
        self.patch_embeddings = InternVLVisionPatchEmbeddings(config)
        count, placed = self.patch_embeddings.num_patches + 1, config.use_absolute_position_embeddings
        self.position_embeddings = nn.Parameter(torch.zeros(1, count, size)) if placed else None
        self.dropout = nn.Dropout(config.hidden_dropout_prob)

    def forward(self, pixel_values, masked=None):
        x = self.patch_embeddings(pixel_values)
        if masked is not None:
            x = masked_patches(x, self.mask_token, masked)
        x = torch.cat((self.cls_token.expand(x.shape[0], -1, -1), x), dim=1)
        if self.position_embeddings is not None:
            x = x + resized_positions(self.position_embeddings, pixel_values, self.patch, 1)
        return self.dropout(x)


class InternVLVisionLayer(Block):
    def __init__(self, config):
        super().__init__()
        size, norm = config.hidden_size, nn.LayerNorm if config.norm_type == "layer_norm" else RMSNorm
        self.attention = InternVLVisionAttention(config)
        self.mlp = FeedForward(config)
        self.layernorm_before = norm(size, eps=config.layer_norm_eps)
        self.layernorm_after = norm(size, eps=config.layer_norm_eps)
        self.lambda_1 = nn.Parameter(config.layer_scale_init_value * torch.ones(size))
        self.lambda_2 = nn.Parameter(config.layer_scale_init_value * torch.ones(size))
        self.dropout = nn.Dropout(config.hidden_dropout_prob)

    def forward(self, x):
        attended, weights = self.attention(self.layernorm_before(x))
        attended = self.lambda_1 * attended
        x = attended + x
        out = self.layernorm_after(x)
        out = self.mlp(out)
        out = self.dropout(out)
        out = self.lambda_2 * out
        return out + x


class InternVLVisionEncoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.layer = nn.ModuleList([InternVLVisionLayer(config) for _ in range(config.num_hidden_layers)])

    def forward(self, x, states=None):
        """What comes out of the last layer; `states` takes what goes into each, and that."""
        for layer in self.layer:
            if states is not None:
                states.append(x)
            x = layer(x)
        if states is not None:
            states.append(x)
        return x


class InternVLVisionModel(ImageModel):
    def __init__(self, config):
        super().__init__(config)
        self.embeddings = InternVLVisionEmbeddings(config)
        self.encoder = InternVLVisionEncoder(config)
        pools = config.use_mean_pooling
        self.layernorm = nn.Identity() if pools else nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)

    def forward(self, pixel_values=None, bool_masked_pos=None, states=None, **kwargs):
        x = self.encoder(self.embeddings(pixel_values, bool_masked_pos), states)
        return Output(last_hidden_state=self.layernorm(x))


class InternVLMultiModalProjector(nn.Module):
    def __init__(self, config):
        super().__init__()
        packed, size = config.vision_config.hidden_size * int(1 / config.downsample_ratio) ** 2, config.text_config.hidden_size
        self.layer_norm = nn.LayerNorm(packed)
        self.linear_1 = nn.Linear(packed, size)
        self.act = activation(config.projector_hidden_act)
        self.linear_2 = nn.Linear(size, size)

    def forward(self, x):
        x = self.layer_norm(x)
        x = self.linear_1(x)
        x = self.act(x)
        return self.linear_2(x)


def packed(x, ratio):
    """Squares of neighbouring patches as one, their channels side by side."""
    batch, width, height, channels = x.shape
    if height % (1 / ratio) != 0 or width % (1 / ratio) != 0:
        raise ValueError(f"{height} × {width} patches cannot be packed by downsample_ratio {ratio}")
    x = x.view(batch, width, int(height * ratio), int(channels / ratio))
    x = x.permute(0, 2, 1, 3).contiguous()
    x = x.view(batch, int(height * ratio), int(width * ratio), int(channels / ratio**2))
    return x.permute(0, 2, 1, 3).contiguous()


class InternVLModel(Multimodal):
    def projector(self, config):
        return InternVLMultiModalProjector(config)

    def image_features(self, pixel_values):
        config = self.config
        layer = config.vision_feature_layer
        states = None if layer == -1 else []
        pixel_values = pixel_values.to(dtype=self.language_model.embed_tokens.weight.dtype)
        out = self.vision_tower(pixel_values, states=states)
        x = out.last_hidden_state if states is None else states[layer]
        if config.vision_feature_select_strategy == "default":
            x = x[:, 1:, :]
        side = int(x.shape[1] ** 0.5)
        x = packed(x.reshape(x.shape[0], side, side, -1), config.downsample_ratio)
        x = x.reshape(x.shape[0], -1, x.shape[-1])
        return self.multi_modal_projector(x)


class InternVLForConditionalGeneration(MultimodalLM):
    base = InternVLModel
