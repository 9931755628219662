"""MobileViT: MobileNet's blocks, and attention between the patches' pixels that stand at the same place."""
import math

import torch
from torch import nn

from .bit import divisible
from .parts.activations import activation
from .parts.block import Block
from .parts.config import Config
from .parts.dense import Dense, Widened
from .parts.heads import ImageModel
from .parts.losses import classification_loss
from .parts.output import Output
from .parts.pyramid import segmentation_loss


class MobileViTConfig(Config):
    model_type = "mobilevit"
    defaults = dict(
        num_channels=3,
        image_size=256,
        patch_size=2,
        hidden_sizes=[144, 192, 240],
        neck_hidden_sizes=[16, 32, 64, 96, 128, 160, 640],
        num_attention_heads=4,
        mlp_ratio=2.0,
        expand_ratio=4.0,
        hidden_act="silu",
        conv_kernel_size=3,
        output_stride=32,
        hidden_dropout_prob=0.1,
        attention_probs_dropout_prob=0.0,
        classifier_dropout_prob=0.1,
        layer_norm_eps=1e-5,
        qkv_bias=True,
        aspp_out_channels=256,
        atrous_rates=[6, 12, 18],
        aspp_dropout_prob=0.1,
        semantic_loss_ignore_index=255,
    )

    def complete(self, given):
        for size in self.hidden_sizes:
            if size % self.num_attention_heads != 0:
                raise ValueError(f"hidden_sizes {size} is not a multiple of num_attention_heads {self.num_attention_heads}")


class MobileViTConvLayer(nn.Module):
    """A convolution; `act` is an activation's name, True for the config's own, or False for none."""

    def __init__(self, config, channels, out, kernel=1, stride=1, groups=1, bias=False, dilation=1, normed=True, act=True):
        super().__init__()
        padding = (kernel - 1) // 2 * dilation
        self.convolution = nn.Conv2d(channels, out, kernel, stride, padding, dilation, groups, bias)
        self.normalization = nn.BatchNorm2d(out) if normed else None
        self.activation = activation(config.hidden_act if act is True else act) if act else None

    def forward(self, x):
        x = self.convolution(x)
        if self.normalization is not None:
            x = self.normalization(x)
        return x if self.activation is None else self.activation(x)


class MobileViTInvertedResidual(nn.Module):
    """Widened, convolved in each channel, and narrowed again."""

    def __init__(self, config, channels, out, stride, dilation=1):
        super().__init__()
        wide = divisible(int(round(channels * config.expand_ratio)), 8)
        self.adds = stride == 1 and channels == out
        self.expand_1x1 = MobileViTConvLayer(config, channels, wide)
        self.conv_3x3 = MobileViTConvLayer(config, wide, wide, 3, stride, wide, dilation=dilation)
        self.reduce_1x1 = MobileViTConvLayer(config, wide, out, act=False)

    def forward(self, x):
        before = x
        x = self.expand_1x1(x)
        x = self.conv_3x3(x)
        x = self.reduce_1x1(x)
        return before + x if self.adds else x


class Stacked(nn.Module):
    """Layers one after another."""

    def __init__(self, layers):
        super().__init__()
        self.layer = nn.ModuleList(layers)

    def forward(self, x):
        for layer in self.layer:
            x = layer(x)
        return x


def mobile_layers(config, channels, out, stride, count):
    rest = [MobileViTInvertedResidual(config, out, out, 1) for _ in range(count - 1)]
    return Stacked([MobileViTInvertedResidual(config, channels, out, stride), *rest])


class MobileViTSelfAttention(nn.Module):
    """Scores and softmax written out: the family has no other attention."""

    def __init__(self, config, size):
        super().__init__()
        self.width = size // config.num_attention_heads
        self.query = nn.Linear(size, size, bias=config.qkv_bias)
        self.key = nn.Linear(size, size, bias=config.qkv_bias)
        self.value = nn.Linear(size, size, bias=config.qkv_bias)
        self.dropout = nn.Dropout(config.attention_probs_dropout_prob)

    def forward(self, x):
        shape = (*x.shape[:-1], -1, self.width)
        query = self.query(x).view(shape).transpose(1, 2)
        key = self.key(x).view(shape).transpose(1, 2)
        value = self.value(x).view(shape).transpose(1, 2)
        scores = torch.matmul(query, key.transpose(-1, -2))
        scores = scores / math.sqrt(self.width)
        weights = nn.functional.softmax(scores, dim=-1)
        weights = self.dropout(weights)
        out = torch.matmul(weights, value)
        out = out.permute(0, 2, 1, 3).contiguous()
        return out.view(*x.shape[:-1], -1)


class MobileViTAttention(nn.Module):
    def __init__(self, config, size):
        super().__init__()
        self.attention = MobileViTSelfAttention(config, size)
        self.output = Dense(size, size, config.hidden_dropout_prob)

    def forward(self, x):
        out = self.attention(x)
        return self.output(out)


class MobileViTTransformerLayer(nn.Module):
    def __init__(self, config, size):
        super().__init__()
        width = int(size * config.mlp_ratio)
        self.attention = MobileViTAttention(config, size)
        self.intermediate = Widened(config, size, width)
        self.output = Dense(width, size, config.hidden_dropout_prob)
        self.layernorm_before = nn.LayerNorm(size, eps=config.layer_norm_eps)
        self.layernorm_after = nn.LayerNorm(size, eps=config.layer_norm_eps)

    def forward(self, x):
        out = self.attention(self.layernorm_before(x))
        x = out + x
        inner = self.layernorm_after(x)
        inner = self.intermediate(inner)
        return self.output(inner, x)


class MobileViTLayer(Block):
    """A step down, then attention over what convolutions made of the map, read together with it."""

    def __init__(self, config, channels, out, size, count, dilation=1):
        super().__init__()
        self.patch = config.patch_size
        stride, near = (2, 1) if dilation == 1 else (1, dilation // 2)
        self.downsampling_layer = MobileViTInvertedResidual(config, channels, out, stride, near)
        self.conv_kxk = MobileViTConvLayer(config, out, out, config.conv_kernel_size)
        self.conv_1x1 = MobileViTConvLayer(config, out, size, normed=False, act=False)
        self.transformer = Stacked([MobileViTTransformerLayer(config, size) for _ in range(count)])
        self.layernorm = nn.LayerNorm(size, eps=config.layer_norm_eps)
        self.conv_projection = MobileViTConvLayer(config, size, out)
        self.fusion = MobileViTConvLayer(config, 2 * out, out, config.conv_kernel_size)

    def cut(self, x, rows, columns):
        """`[B, C, H, W]` → `[B · pixels of a patch, patches, C]`; the map is stretched where patches do not fill it."""
        side, batch, channels = self.patch, x.shape[0], x.shape[1]
        if x.shape[2:] != (rows * side, columns * side):
            x = nn.functional.interpolate(x, size=(rows * side, columns * side), mode="bilinear", align_corners=False)
        patches = x.reshape(batch * channels * rows, side, columns, side)
        patches = patches.transpose(1, 2)
        patches = patches.reshape(batch, channels, rows * columns, side * side)
        patches = patches.transpose(1, 3)
        return patches.reshape(batch * side * side, rows * columns, -1)

    def joined(self, patches, shape, rows, columns):
        """The way back to the map's own size."""
        side, batch, channels = self.patch, shape[0], patches.shape[2]
        x = patches.contiguous().view(batch, side * side, rows * columns, -1)
        x = x.transpose(1, 3)
        x = x.reshape(batch * channels * rows, columns, side, side)
        x = x.transpose(1, 2)
        x = x.reshape(batch, channels, rows * side, columns * side)
        if shape[2:] == (rows * side, columns * side):
            return x
        return nn.functional.interpolate(x, size=shape[2:], mode="bilinear", align_corners=False)

    def forward(self, x):
        x = self.downsampling_layer(x)
        before = x
        x = self.conv_kxk(x)
        x = self.conv_1x1(x)
        shape, rows, columns = x.shape, -(-x.shape[2] // self.patch), -(-x.shape[3] // self.patch)
        patches = self.cut(x, rows, columns)
        patches = self.transformer(patches)
        patches = self.layernorm(patches)
        x = self.joined(patches, shape, rows, columns)
        x = self.conv_projection(x)
        return self.fusion(torch.cat((before, x), dim=1))


def dilations(config):
    """How far apart the kernels' places are in the last two stages, so that the map stays as large as asked."""
    return {8: (2, 4), 16: (1, 2)}.get(config.output_stride, (1, 1))


class MobileViTEncoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        sizes, hidden, (fourth, fifth) = config.neck_hidden_sizes, config.hidden_sizes, dilations(config)
        self.layer = nn.ModuleList(
            [
                mobile_layers(config, sizes[0], sizes[1], 1, 1),
                mobile_layers(config, sizes[1], sizes[2], 2, 3),
                MobileViTLayer(config, sizes[2], sizes[3], hidden[0], 2),
                MobileViTLayer(config, sizes[3], sizes[4], hidden[1], 4, fourth),
                MobileViTLayer(config, sizes[4], sizes[5], hidden[2], 3, fifth),
            ]
        )

    def forward(self, x, states=None):
        """`states`: a list for what each layer gives."""
        for layer in self.layer:
            x = layer(x)
            if states is not None:
                states.append(x)
        return x


class MobileViTModel(ImageModel):
    def __init__(self, config, expands=True):
        super().__init__(config)
        sizes = config.neck_hidden_sizes
        self.conv_stem = MobileViTConvLayer(config, config.num_channels, sizes[0], 3, 2)
        self.encoder = MobileViTEncoder(config)
        self.conv_1x1_exp = MobileViTConvLayer(config, sizes[5], sizes[6]) if expands else None

    def forward(self, pixel_values=None, states=None, **kwargs):
        embedded = self.conv_stem(pixel_values)
        encoded = self.encoder(embedded, states)
        if self.conv_1x1_exp is None:
            return Output(last_hidden_state=encoded)
        x = self.conv_1x1_exp(encoded)
        return Output(last_hidden_state=x, pooler_output=torch.mean(x, dim=[-2, -1], keepdim=False))


class MobileViTForImageClassification(ImageModel):
    def __init__(self, config):
        super().__init__(config)
        size = config.neck_hidden_sizes[-1]
        self.mobilevit = MobileViTModel(config)
        self.dropout = nn.Dropout(config.classifier_dropout_prob, inplace=True)
        self.classifier = nn.Linear(size, config.num_labels) if config.num_labels > 0 else nn.Identity()

    def forward(self, pixel_values=None, labels=None, **kwargs):
        out = self.mobilevit(pixel_values)
        logits = self.classifier(self.dropout(out.pooler_output))
        loss = None if labels is None else classification_loss(logits, labels, self.config)
        return Output(loss=loss, logits=logits)


class PooledConv(nn.Module):
    """The map's mean, convolved and spread over its places again."""

    def __init__(self, config, channels, out):
        super().__init__()
        self.global_pool = nn.AdaptiveAvgPool2d(output_size=1)
        self.conv_1x1 = MobileViTConvLayer(config, channels, out, act="relu")

    def forward(self, x):
        size = x.shape[-2:]
        x = self.global_pool(x)
        x = self.conv_1x1(x)
        return nn.functional.interpolate(x, size=size, mode="bilinear", align_corners=False)


class ASPP(nn.Module):
    """Convolutions of several reaches side by side."""

    def __init__(self, config, channels):
        super().__init__()
        out = config.aspp_out_channels
        if len(config.atrous_rates) != 3:
            raise ValueError(f"atrous_rates has {len(config.atrous_rates)} values, but the head reads 3")
        self.convs = nn.ModuleList(
            [
                MobileViTConvLayer(config, channels, out, act="relu"),
                *[MobileViTConvLayer(config, channels, out, 3, dilation=rate, act="relu") for rate in config.atrous_rates],
                PooledConv(config, channels, out),
            ]
        )
        self.project = MobileViTConvLayer(config, 5 * out, out, act="relu")
        self.dropout = nn.Dropout(config.aspp_dropout_prob)

    def forward(self, x):
        maps = []
        for conv in self.convs:
            maps.append(conv(x))
        maps = torch.cat(maps, dim=1)
        out = self.project(maps)
        return self.dropout(out)


class DeepLabV3(nn.Module):
    """A class for each place of the last map."""

    def __init__(self, config, channels):
        super().__init__()
        self.aspp = ASPP(config, channels)
        self.dropout = nn.Dropout2d(config.classifier_dropout_prob)
        self.classifier = MobileViTConvLayer(config, config.aspp_out_channels, config.num_labels, bias=True, normed=False, act=False)

    def forward(self, states):
        x = self.aspp(states[-1])
        x = self.dropout(x)
        return self.classifier(x)


class MobileViTForSemanticSegmentation(ImageModel):
    base, name = MobileViTModel, "mobilevit"

    def __init__(self, config):
        super().__init__(config)
        setattr(self, self.name, self.base(config, expands=False))
        self.segmentation_head = DeepLabV3(config, self.channels(config))

    def channels(self, config):
        return config.neck_hidden_sizes[-2]

    def targets(self):
        size = self.config.image_size
        return {"labels": f"int64[B, {size}, {size}]"}

    def forward(self, pixel_values=None, labels=None, **kwargs):
        states = []
        out = getattr(self, self.name)(pixel_values, states)
        logits = self.segmentation_head(states)
        loss = None if labels is None else segmentation_loss(logits, None, labels, self.config)
        return Output(loss=loss, logits=logits)
