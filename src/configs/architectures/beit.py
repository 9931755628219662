"""BEiT: ViT with scaled halves, and biases by distance where a config asks for them."""
import functools

import torch
from torch import nn

from .dinov2 import DropPath
from .parts.backbone import wanted_stages
from .parts.block import Block
from .parts.config import Config
from .parts.heads import ImageModel
from .parts.losses import classification_loss, plain_loss
from .parts.output import Output
from .parts.patches import PatchEmbeddings, masked_patches, resized_positions
from .parts.pyramid import PlainHead, PyramidHead, segmentation_loss
from .parts.vision import FeedForward, VisionAttention


class BeitConfig(Config):
    model_type = "beit"
    defaults = dict(
        vocab_size=8192,
        hidden_size=768,
        num_hidden_layers=12,
        num_attention_heads=12,
        intermediate_size=3072,
        hidden_act="gelu",
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        layer_norm_eps=1e-12,
        image_size=224,
        patch_size=16,
        num_channels=3,
        use_mask_token=False,
        use_absolute_position_embeddings=False,
        use_relative_position_bias=False,
        use_shared_relative_position_bias=False,
        layer_scale_init_value=0.1,
        drop_path_rate=0.1,
        use_mean_pooling=True,
        pool_scales=[1, 2, 3, 6],
        use_auxiliary_head=True,
        auxiliary_loss_weight=0.4,
        auxiliary_channels=256,
        auxiliary_num_convs=1,
        auxiliary_concat_input=False,
        semantic_loss_ignore_index=255,
        add_fpn=False,
        reshape_hidden_states=True,
    )

    def complete(self, given):
        if self.out_indices is None:
            self.out_indices = given.get("segmentation_indices")
        if self.add_fpn and len(self.out_indices or []) != 4:
            raise ValueError(f"add_fpn needs 4 out_indices, but there are {len(self.out_indices or [])}")


class BeitEmbeddings(nn.Module):
    patches_class = PatchEmbeddings

    def __init__(self, config):
        super().__init__()
        size = config.hidden_size
        self.cls_token = nn.Parameter(torch.zeros(1, 1, size))
        self.mask_token = nn.Parameter(torch.zeros(1, 1, size)) if config.use_mask_token else None
        self.patch_embeddings = self.patches_class(config)
        count = self.patch_embeddings.num_patches + 1
        absolute = config.use_absolute_position_embeddings
        self.position_embeddings = nn.Parameter(torch.zeros(1, count, size)) if absolute else None
        self.dropout = nn.Dropout(config.hidden_dropout_prob)

    def forward(self, pixel_values, bool_masked_pos=None):
        x = self.patch_embeddings(pixel_values)
        if bool_masked_pos is not None:
            x = masked_patches(x, self.mask_token, bool_masked_pos)
        x = torch.cat((self.cls_token.expand(x.shape[0], -1, -1), x), dim=1)
        if self.position_embeddings is not None:
            x = x + resized_positions(self.position_embeddings, pixel_values, self.patch_embeddings.patch_size, 1)
        return self.dropout(x)


@functools.lru_cache(maxsize=10)
def distance_index(height, width):
    """`[places, places]`: which entry of the table belongs to two places; made once for each size."""
    rows, columns = torch.arange(height), torch.arange(width)
    places = torch.flatten(torch.stack(torch.meshgrid(rows, columns, indexing="ij")), start_dim=1)
    apart = (places[:, :, None] - places[:, None, :]).permute(1, 2, 0)
    across = (apart[:, :, 0] + height - 1) * (2 * width - 1) + apart[:, :, 1] + width - 1
    count = (2 * height - 1) * (2 * width - 1) + 3
    index = torch.zeros((height * width + 1,) * 2, dtype=across.dtype)
    index[1:, 1:] = across
    index[0, 0:], index[0:, 0], index[0, 0] = count - 3, count - 2, count - 1
    return index


class BeitRelativePositionBias(nn.Module):
    """A learned bias for each distance between two patches, and three for the class token."""

    def __init__(self, config):
        super().__init__()
        side = config.image_size // config.patch_size
        self.side = side
        self.relative_position_bias_table = nn.Parameter(torch.zeros((2 * side - 1) ** 2 + 3, config.num_attention_heads))

    def forward(self, height, width):
        table, side = self.relative_position_bias_table, 2 * self.side - 1
        grid = table[:-3].reshape(1, side, side, -1).permute(0, 3, 1, 2)
        grid = nn.functional.interpolate(grid, size=(2 * height - 1, 2 * width - 1), mode="bilinear")
        table = torch.cat([grid.permute(0, 2, 3, 1).reshape(-1, table.shape[1]), table[-3:]])
        count = height * width + 1
        return table[distance_index(height, width).view(-1)].view(count, count, -1).permute(2, 0, 1).contiguous().unsqueeze(0)


class BeitLayer(Block):
    def __init__(self, config, rate):
        super().__init__()
        size = config.hidden_size
        self.attention = VisionAttention(config, key_bias=False)
        self.layernorm_before = nn.LayerNorm(size, eps=config.layer_norm_eps)
        self.layernorm_after = nn.LayerNorm(size, eps=config.layer_norm_eps)
        self.mlp = FeedForward(config)
        self.dropout = nn.Dropout(config.hidden_dropout_prob)
        self.drop_path = DropPath(rate) if rate > 0.0 else nn.Identity()
        scale = config.layer_scale_init_value
        self.lambda_1 = nn.Parameter(scale * torch.ones(size)) if scale > 0 else 1.0
        self.lambda_2 = nn.Parameter(scale * torch.ones(size)) if scale > 0 else 1.0
        self.relative_position_bias = BeitRelativePositionBias(config) if config.use_relative_position_bias else None

    def forward(self, x, mask, window):
        if self.relative_position_bias is not None:
            own = self.relative_position_bias(*window)
            mask = own if mask is None else own + mask
        before = x
        x = self.layernorm_before(x)
        x, weights = self.attention(x, mask)
        x = self.dropout(x)
        x = self.lambda_1 * x
        x = self.drop_path(x) + before
        before = x
        x = self.layernorm_after(x)
        x = self.mlp(x)
        x = self.dropout(x)
        x = self.lambda_2 * x
        return self.drop_path(x) + before


class BeitPooler(nn.Module):
    def __init__(self, config):
        super().__init__()
        mean = config.use_mean_pooling
        self.layernorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps) if mean else None

    def forward(self, x):
        return x[:, 0] if self.layernorm is None else self.layernorm(x[:, 1:, :].mean(1))


class BeitModel(ImageModel):
    def __init__(self, config, pooling=True):
        super().__init__(config)
        self.embeddings = BeitEmbeddings(config)
        shared = config.use_shared_relative_position_bias
        self.shared_position_bias = BeitRelativePositionBias(config) if shared else None
        count = config.num_hidden_layers
        rates = [config.drop_path_rate * i / max(count - 1, 1) for i in range(count)]
        self.layers = nn.ModuleList([BeitLayer(config, rate) for rate in rates])
        mean = config.use_mean_pooling
        self.layernorm = nn.Identity() if mean else nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.pooler = BeitPooler(config) if pooling else None

    def forward(self, pixel_values=None, bool_masked_pos=None, states=None, **kwargs):
        """`states`: a list for what each layer reads and what the last one gives."""
        embedded = self.embeddings(pixel_values, bool_masked_pos)
        x = embedded
        window = [size // self.config.patch_size for size in pixel_values.shape[2:]]
        mask = None if self.shared_position_bias is None else self.shared_position_bias(*window)
        for layer in self.layers:
            if states is not None:
                states.append(x)
            x = layer(x, mask, window)
        if states is not None:
            states.append(x)
        x = self.layernorm(x)
        return Output(last_hidden_state=x, pooler_output=None if self.pooler is None else self.pooler(x))


class BeitForMaskedImageModeling(ImageModel):
    def __init__(self, config):
        super().__init__(config)
        self.beit = BeitModel(config, pooling=False)
        self.layernorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size)

    def forward(self, pixel_values=None, bool_masked_pos=None, labels=None, **kwargs):
        x = self.layernorm(self.beit(pixel_values, bool_masked_pos).last_hidden_state)
        logits = self.lm_head(x[:, 1:])
        loss = None if labels is None else plain_loss(logits[bool_masked_pos], labels, self.config.vocab_size)
        return Output(loss=loss, logits=logits)


class BeitForImageClassification(ImageModel):
    def __init__(self, config):
        super().__init__(config)
        self.beit = BeitModel(config)
        self.classifier = nn.Linear(config.hidden_size, config.num_labels) if config.num_labels > 0 else nn.Identity()

    def forward(self, pixel_values=None, labels=None, **kwargs):
        logits = self.classifier(self.beit(pixel_values).pooler_output)
        loss = None if labels is None else classification_loss(logits, labels, self.config)
        return Output(loss=loss, logits=logits)


class BeitFPNUpBlock(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.conv_transpose1 = nn.ConvTranspose2d(size, size, kernel_size=2, stride=2)
        self.normalization = nn.BatchNorm2d(size)
        self.activation = nn.GELU()
        self.conv_transpose2 = nn.ConvTranspose2d(size, size, kernel_size=2, stride=2)

    def forward(self, x):
        x = self.conv_transpose1(x)
        x = self.normalization(x)
        x = self.activation(x)
        return self.conv_transpose2(x)


class BeitFPN(nn.Module):
    """Four maps of one size made four times, twice, once and half as large."""

    def __init__(self, size):
        super().__init__()
        self.fpn1 = BeitFPNUpBlock(size)
        self.fpn2 = nn.ConvTranspose2d(size, size, kernel_size=2, stride=2)
        self.fpn4 = nn.MaxPool2d(kernel_size=2, stride=2)

    def forward(self, maps):
        return (self.fpn1(maps[0]), self.fpn2(maps[1]), maps[2], self.fpn4(maps[3]))


class BeitForSemanticSegmentation(ImageModel):
    """Four layers' patches as maps of four sizes, read by a pyramid."""

    def __init__(self, config):
        super().__init__(config)
        size = config.hidden_size
        self.beit = BeitModel(config, pooling=False)
        if len(config.out_indices or [0]) != 4:
            raise ValueError(f"out_indices names {len(config.out_indices or [0])} layers, but the segmentation head reads 4")
        self.fpn = BeitFPN(size)
        self.decode_head = PyramidHead(config, [size] * 4, size)
        self.auxiliary_head = PlainHead(config, size) if config.use_auxiliary_head else None

    def targets(self):
        size = self.config.image_size
        return {"labels": f"int64[B, {size}, {size}]"}

    def forward(self, pixel_values=None, labels=None, **kwargs):
        states, (batch, _, height, width) = [], pixel_values.shape
        out = self.beit(pixel_values, states=states)
        grid = (height // self.config.patch_size, width // self.config.patch_size)
        maps = tuple(states[i - 1][:, 1:].transpose(1, 2).reshape(batch, -1, *grid) for i in self.config.out_indices)
        maps = self.fpn(maps)
        logits = self.decode_head(maps)
        other = None if self.auxiliary_head is None else self.auxiliary_head(maps)
        loss = None if labels is None else segmentation_loss(logits, other, labels, self.config)
        return Output(loss=loss, logits=logits)


class BeitBackbone(ImageModel):
    """What the layers give that `out_features` or `out_indices` name, the last alone where they name none; as maps where asked for."""

    def __init__(self, config):
        super().__init__(config)
        self.beit = BeitModel(config, pooling=False)
        self.fpn = BeitFPN(config.hidden_size) if config.add_fpn else nn.Identity()
        self.wanted = wanted_stages(config, ["stem"] + [f"stage{i + 1}" for i in range(config.num_hidden_layers)])
        self.channels = [config.hidden_size for _ in self.wanted]

    def forward(self, pixel_values=None, states=None, **kwargs):
        states, (batch, _, height, width) = [] if states is None else states, pixel_values.shape
        grid, maps = (height // self.config.patch_size, width // self.config.patch_size), ()
        out = self.beit(pixel_values, states=states)
        for i, state in enumerate(states):
            if i in self.wanted:
                if self.config.reshape_hidden_states:
                    state = state[:, 1:, :].transpose(1, 2).reshape(batch, -1, *grid)
                maps += (state,)
        return Output(feature_maps=self.fpn(maps))
