"""Data2Vec for images: BEiT's network in the layout of BERT's blocks."""
import torch
from torch import nn

from .beit import BeitConfig, BeitEmbeddings, BeitPooler, BeitRelativePositionBias
from .parts.attention import attend, split_heads
from .parts.block import Block
from .parts.dense import Dense
from .parts.depth import DropPath, rates
from .parts.encoder import Intermediate
from .parts.heads import ImageModel
from .parts.losses import classification_loss
from .parts.masks import is_eager
from .parts.output import Output
from .parts.patches import PatchEmbeddings
from .parts.pyramid import PlainHead, PyramidHead, segmentation_loss


class Data2VecVisionConfig(BeitConfig):
    model_type = "data2vec-vision"
    whole_heads = True
    defaults = {name: value for name, value in BeitConfig.defaults.items() if name not in ("vocab_size", "add_fpn", "reshape_hidden_states")}
    defaults["out_indices"] = [3, 5, 7, 11]


class Data2VecVisionPatchEmbeddings(PatchEmbeddings):
    def forward(self, pixel_values):
        return super().forward(pixel_values.to(self.projection.weight.dtype))


class Data2VecVisionEmbeddings(BeitEmbeddings):
    patches_class = Data2VecVisionPatchEmbeddings


class Data2VecVisionSelfAttention(nn.Module):
    def __init__(self, config):
        super().__init__()
        size = config.hidden_size
        self.config, self.head_dim = config, size // config.num_attention_heads
        self.query = nn.Linear(size, size)
        self.key = nn.Linear(size, size, bias=False)
        self.value = nn.Linear(size, size)
        self.relative_position_bias = BeitRelativePositionBias(config) if config.use_relative_position_bias else None

    def forward(self, x, shared, window):
        query, key, value = (split_heads(proj(x), self.head_dim) for proj in (self.query, self.key, self.value))
        mask = shared
        if self.relative_position_bias is not None:
            mask = self.relative_position_bias(*window)
            if shared is not None:
                mask += shared
        dropout = self.config.attention_probs_dropout_prob if self.training else 0.0
        eager = is_eager(self.config)
        out, weights = attend(query, key, value, mask, False, self.head_dim**-0.5, dropout, eager, wide=False)
        return out.view(*x.shape[:-1], -1)


class Data2VecVisionAttention(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.attention = Data2VecVisionSelfAttention(config)
        self.output = Dense(config.hidden_size, config.hidden_size, config.hidden_dropout_prob)

    def forward(self, x, shared, window):
        out = self.attention(x, shared, window)
        return self.output(out)


class Data2VecVisionLayer(Block):
    def __init__(self, config, rate):
        super().__init__()
        size, scale = config.hidden_size, config.layer_scale_init_value
        self.attention = Data2VecVisionAttention(config)
        self.intermediate = Intermediate(config)
        self.output = Dense(config.intermediate_size, config.hidden_size, config.hidden_dropout_prob)
        self.layernorm_before = nn.LayerNorm(size, eps=config.layer_norm_eps)
        self.drop_path = DropPath(rate) if rate > 0.0 else nn.Identity()
        self.layernorm_after = nn.LayerNorm(size, eps=config.layer_norm_eps)
        self.lambda_1 = nn.Parameter(scale * torch.ones(size)) if scale > 0 else None
        self.lambda_2 = nn.Parameter(scale * torch.ones(size)) if scale > 0 else None

    def forward(self, x, shared=None, window=None):
        attended = self.attention(self.layernorm_before(x), shared, window)
        out = attended
        if self.lambda_1 is not None:
            out = self.lambda_1 * attended
        x = self.drop_path(out) + x
        inner = self.layernorm_after(x)
        inner = self.intermediate(inner)
        inner = self.output(inner)
        if self.lambda_2 is not None:
            inner = self.lambda_2 * inner
        return self.drop_path(inner) + x


class Data2VecVisionEncoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        if config.use_shared_relative_position_bias:
            self.relative_position_bias = BeitRelativePositionBias(config)
        self.shares = config.use_shared_relative_position_bias
        own = rates(config, config.num_hidden_layers)
        self.layer = nn.ModuleList([Data2VecVisionLayer(config, rate) for rate in own])

    def forward(self, x, window, states):
        for layer in self.layer:
            if states is not None:
                states.append(x)
            shared = self.relative_position_bias(*window) if self.shares else None
            x = layer(x, shared, window)
        if states is not None:
            states.append(x)
        return x


class Data2VecVisionModel(ImageModel):
    def __init__(self, config, pooling=False):
        super().__init__(config)
        self.embeddings = Data2VecVisionEmbeddings(config)
        self.encoder = Data2VecVisionEncoder(config)
        mean = config.use_mean_pooling
        self.layernorm = nn.Identity() if mean else nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.pooler = BeitPooler(config) if pooling else None

    def forward(self, pixel_values=None, bool_masked_pos=None, states=None, **kwargs):
        """`states`: a list for what each layer reads and what the last one gives."""
        embedded = self.embeddings(pixel_values, bool_masked_pos)
        window = [size // self.config.patch_size for size in pixel_values.shape[2:]]
        encoded = self.encoder(embedded, window, states)
        x = self.layernorm(encoded)
        return Output(last_hidden_state=x, pooler_output=None if self.pooler is None else self.pooler(x))


class Data2VecVisionForImageClassification(ImageModel):
    def __init__(self, config):
        super().__init__(config)
        self.data2vec_vision = Data2VecVisionModel(config, pooling=True)
        self.classifier = nn.Linear(config.hidden_size, config.num_labels) if config.num_labels > 0 else nn.Identity()

    def forward(self, pixel_values=None, labels=None, **kwargs):
        out = self.data2vec_vision(pixel_values)
        logits = self.classifier(out.pooler_output)
        loss = None if labels is None else classification_loss(logits, labels, self.config)
        return Output(loss=loss, logits=logits)


class Data2VecVisionForSemanticSegmentation(ImageModel):
    """Four layers' patches as images of four sizes, read by a pyramid."""

    name, base = "data2vec_vision", Data2VecVisionModel

    def __init__(self, config):
        super().__init__(config)
        setattr(self, self.name, self.base(config, pooling=False))
        if len(config.out_indices) != 4:
            raise ValueError(f"out_indices names {len(config.out_indices)} layers, but the segmentation head reads 4")
        size = config.hidden_size
        self.fpn1 = nn.Sequential(
            nn.ConvTranspose2d(size, size, kernel_size=2, stride=2),
            nn.BatchNorm2d(size),
            nn.GELU(),
            nn.ConvTranspose2d(size, size, kernel_size=2, stride=2),
        )
        self.fpn2 = nn.Sequential(nn.ConvTranspose2d(size, size, kernel_size=2, stride=2))
        self.fpn3 = nn.Identity()
        self.fpn4 = nn.MaxPool2d(kernel_size=2, stride=2)
        self.decode_head = PyramidHead(config, [size] * 4, size)
        self.auxiliary_head = PlainHead(config, size) if config.use_auxiliary_head else None

    def targets(self):
        size = self.config.image_size
        return {"labels": f"int64[B, {size}, {size}]"}

    def forward(self, pixel_values=None, labels=None, **kwargs):
        states, side = [], self.config.image_size // self.config.patch_size
        out = getattr(self, self.name)(pixel_values, states=states)
        maps = [state for i, state in enumerate(states) if i + 1 in self.config.out_indices]
        maps = [one[:, 1:, :].permute(0, 2, 1).reshape(pixel_values.shape[0], -1, side, side) for one in maps]
        for i, resize in enumerate((self.fpn1, self.fpn2, self.fpn3, self.fpn4)):
            maps[i] = resize(maps[i])
        logits = self.decode_head(maps)
        other = None if self.auxiliary_head is None else self.auxiliary_head(maps)
        loss = None if labels is None else segmentation_loss(logits, other, labels, self.config)
        return Output(loss=loss, logits=logits)
