"""MobileViTV2: MobileViT whose attention sums all keys into one, so that its cost grows only linearly."""
import torch
from torch import nn

from .bit import divisible
from .mobilevit import MobileViTConvLayer, MobileViTForSemanticSegmentation, MobileViTInvertedResidual, Stacked, dilations, mobile_layers
from .parts.block import Block
from .parts.config import Config
from .parts.heads import ImageModel
from .parts.losses import classification_loss
from .parts.output import Output


class MobileViTV2Config(Config):
    model_type = "mobilevitv2"
    defaults = dict(
        num_channels=3,
        image_size=256,
        patch_size=2,
        expand_ratio=2.0,
        hidden_act="swish",
        conv_kernel_size=3,
        output_stride=32,
        classifier_dropout_prob=0.1,
        layer_norm_eps=1e-5,
        aspp_out_channels=512,
        atrous_rates=[6, 12, 18],
        aspp_dropout_prob=0.1,
        semantic_loss_ignore_index=255,
        n_attn_blocks=[2, 4, 3],
        base_attn_unit_dims=[128, 192, 256],
        width_multiplier=1.0,
        ffn_multiplier=2,
        attn_dropout=0.0,
        ffn_dropout=0.0,
    )

    def complete(self, given):
        wide = self.width_multiplier
        first = divisible(max(16, min(64, 32 * wide)), 8)
        self.widths = [first, divisible(64 * wide, 16), *[divisible(count * wide, 8) for count in (128, 256, 384, 512)]]
        self.attention_widths = [divisible(count * wide, 8) for count in self.base_attn_unit_dims]


def biased(config, channels, out, act=False):
    """A 1 × 1 convolution with bias and no norm."""
    return MobileViTConvLayer(config, channels, out, bias=True, normed=False, act=act)


class MobileViTV2Attention(nn.Module):
    """`[B, C, pixels of a patch, patches]`: one score for each patch weighs the keys' sum that all values are multiplied with."""

    def __init__(self, config, size):
        super().__init__()
        self.qkv_proj = biased(config, size, 1 + 2 * size)
        self.attn_dropout = nn.Dropout(config.attn_dropout)
        self.out_proj = biased(config, size, size)
        self.size = size

    def forward(self, x):
        joined = self.qkv_proj(x)
        query, key, value = torch.split(joined, [1, self.size, self.size], dim=1)
        weights = nn.functional.softmax(query, dim=-1)
        weights = self.attn_dropout(weights)
        context = key * weights
        context = torch.sum(context, dim=-1, keepdim=True)
        out = nn.functional.relu(value) * context.expand_as(value)
        return self.out_proj(out)


class MobileViTV2FFN(nn.Module):
    def __init__(self, config, size, width):
        super().__init__()
        self.conv1 = biased(config, size, width, act=True)
        self.dropout1 = nn.Dropout(config.ffn_dropout)
        self.conv2 = biased(config, width, size)
        self.dropout2 = nn.Dropout(config.ffn_dropout)

    def forward(self, x):
        x = self.conv1(x)
        x = self.dropout1(x)
        x = self.conv2(x)
        return self.dropout2(x)


class MobileViTV2TransformerLayer(nn.Module):
    def __init__(self, config, size):
        super().__init__()
        self.layernorm_before = nn.GroupNorm(1, size, eps=config.layer_norm_eps)
        self.attention = MobileViTV2Attention(config, size)
        self.dropout1 = nn.Dropout(0.0)
        self.layernorm_after = nn.GroupNorm(1, size, eps=config.layer_norm_eps)
        self.ffn = MobileViTV2FFN(config, size, int(config.ffn_multiplier * size // 16 * 16))

    def forward(self, x):
        normed = self.layernorm_before(x)
        out = self.attention(normed)
        x = out + x
        inner = self.layernorm_after(x)
        inner = self.ffn(inner)
        return inner + x


class MobileViTV2Layer(Block):
    def __init__(self, config, channels, out, size, count, dilation=1):
        super().__init__()
        self.patch = config.patch_size
        stride, near = (2, 1) if dilation == 1 else (1, dilation // 2)
        self.downsampling_layer = MobileViTInvertedResidual(config, channels, out, stride, near)
        self.conv_kxk = MobileViTConvLayer(config, out, out, config.conv_kernel_size, groups=out)
        self.conv_1x1 = MobileViTConvLayer(config, out, size, normed=False, act=False)
        self.transformer = Stacked([MobileViTV2TransformerLayer(config, size) for _ in range(count)])
        self.layernorm = nn.GroupNorm(1, size, eps=config.layer_norm_eps)
        self.conv_projection = MobileViTConvLayer(config, size, out, act=False)

    def forward(self, x):
        x = self.downsampling_layer(x)
        x = self.conv_kxk(x)
        x = self.conv_1x1(x)
        batch, size, height, width = x.shape
        side = self.patch
        patches = nn.functional.unfold(x, kernel_size=side, stride=side).reshape(batch, size, side * side, -1)
        patches = self.transformer(patches)
        patches = self.layernorm(patches)
        flat = patches.reshape(batch, size * side * side, -1)
        x = nn.functional.fold(flat, output_size=(height, width), kernel_size=side, stride=side)
        return self.conv_projection(x)


class MobileViTV2Encoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        widths, sizes, counts, (fourth, fifth) = config.widths, config.attention_widths, config.n_attn_blocks, dilations(config)
        self.layer = nn.ModuleList(
            [
                mobile_layers(config, widths[0], widths[1], 1, 1),
                mobile_layers(config, widths[1], widths[2], 2, 2),
                MobileViTV2Layer(config, widths[2], widths[3], sizes[0], counts[0]),
                MobileViTV2Layer(config, widths[3], widths[4], sizes[1], counts[1], fourth),
                MobileViTV2Layer(config, widths[4], widths[5], sizes[2], counts[2], fifth),
            ]
        )

    def forward(self, x, states=None):
        """`states`: a list for what each layer gives."""
        for layer in self.layer:
            x = layer(x)
            if states is not None:
                states.append(x)
        return x


class MobileViTV2Model(ImageModel):
    def __init__(self, config, expands=True):
        super().__init__(config)
        self.pools = expands
        self.conv_stem = MobileViTConvLayer(config, config.num_channels, config.widths[0], 3, 2)
        self.encoder = MobileViTV2Encoder(config)

    def forward(self, pixel_values=None, states=None, **kwargs):
        embedded = self.conv_stem(pixel_values)
        x = self.encoder(embedded, states)
        return Output(last_hidden_state=x, pooler_output=torch.mean(x, dim=[-2, -1], keepdim=False) if self.pools else None)


class MobileViTV2ForImageClassification(ImageModel):
    def __init__(self, config):
        super().__init__(config)
        self.mobilevitv2 = MobileViTV2Model(config)
        self.classifier = nn.Linear(config.widths[-1], config.num_labels) if config.num_labels > 0 else nn.Identity()

    def forward(self, pixel_values=None, labels=None, **kwargs):
        out = self.mobilevitv2(pixel_values)
        logits = self.classifier(out.pooler_output)
        loss = None if labels is None else classification_loss(logits, labels, self.config)
        return Output(loss=loss, logits=logits)


class MobileViTV2ForSemanticSegmentation(MobileViTForSemanticSegmentation):
    base, name = MobileViTV2Model, "mobilevitv2"

    def channels(self, config):
        return config.widths[-1]
