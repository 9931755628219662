"""BiT: ResNet with group norms, whose kernels are standardised before each convolution."""
import math

from torch import nn

from .parts.activations import activation
from .parts.backbone import wanted_stages
from .parts.config import Config
from .parts.depth import DropPath, rates
from .parts.heads import ImageModel
from .parts.losses import classification_loss
from .parts.output import Output


class BitConfig(Config):
    model_type = "bit"
    defaults = dict(
        num_channels=3,
        embedding_size=64,
        hidden_sizes=[256, 512, 1024, 2048],
        depths=[3, 4, 6, 3],
        layer_type="preactivation",
        hidden_act="relu",
        global_padding=None,
        num_groups=32,
        drop_path_rate=0.0,
        embedding_dynamic_padding=False,
        output_stride=32,
        width_factor=1,
        image_size=224,
    )

    def complete(self, given):
        self.global_padding = None if self.global_padding is None else self.global_padding.upper()
        if self.layer_type not in ("preactivation", "bottleneck"):
            raise ValueError(f"layer_type {self.layer_type!r} is neither preactivation nor bottleneck")
        if self.global_padding not in (None, "SAME", "VALID"):
            raise ValueError(f"global_padding {self.global_padding!r} is neither SAME nor VALID")


class DynamicPad2d(nn.Module):
    """Zeros around the image, so that each step of a kernel falls inside."""

    def __init__(self, kernel, stride, dilation=1):
        super().__init__()
        self.kernel, self.stride, self.dilation = kernel, stride, dilation

    def missing(self, size):
        return max((math.ceil(size / self.stride) - 1) * self.stride + (self.kernel - 1) * self.dilation + 1 - size, 0)

    def forward(self, x):
        high, wide = (self.missing(size) for size in x.size()[-2:])
        if high == 0 and wide == 0:
            return x
        return nn.functional.pad(x, [wide // 2, wide - wide // 2, high // 2, high - high // 2], value=0)


class StandardConv2d(nn.Conv2d):
    """A convolution whose kernel is brought to mean 0 and variance 1 for each output channel."""

    def __init__(self, config, channels, out, kernel, stride=1, dilation=1):
        even = ((stride - 1) + dilation * (kernel - 1)) // 2
        same = config.global_padding == "SAME"
        dynamic = same and not (stride == 1 and (dilation * (kernel - 1)) % 2 == 0)
        padding = 0 if dynamic or config.global_padding == "VALID" else even
        super().__init__(channels, out, kernel, stride=stride, padding=padding, dilation=dilation, bias=False)
        self.pad = DynamicPad2d(kernel, stride, dilation) if dynamic else None

    def forward(self, x):
        if self.pad is not None:
            x = self.pad(x)
        flat = self.weight.reshape(1, self.out_channels, -1)
        weight = nn.functional.batch_norm(flat, None, None, training=True, momentum=0.0, eps=1e-8).reshape_as(self.weight)
        return nn.functional.conv2d(x, weight, self.bias, self.stride, self.padding, self.dilation, self.groups)


class NormActivation(nn.GroupNorm):
    def __init__(self, config, channels, act=True):
        super().__init__(config.num_groups, channels, eps=1e-5)
        self.activation = activation(config.hidden_act) if act else nn.Identity()

    def forward(self, x):
        x = nn.functional.group_norm(x, self.num_groups, self.weight, self.bias, self.eps)
        return self.activation(x)


class BitMaxPool2d(nn.MaxPool2d):
    def __init__(self, kernel, stride, dynamic):
        super().__init__(kernel, stride)
        self.pad = DynamicPad2d(kernel, stride) if dynamic else nn.Identity()

    def forward(self, x):
        return super().forward(self.pad(x))


class BitEmbeddings(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.convolution = StandardConv2d(config, config.num_channels, config.embedding_size, 7, stride=2)
        self.pooler = BitMaxPool2d(3, 2, config.embedding_dynamic_padding)
        self.pad = nn.Identity() if config.global_padding == "SAME" else nn.ConstantPad2d((1, 1, 1, 1), 0.0)
        first = config.layer_type != "preactivation"
        self.norm = NormActivation(config, config.embedding_size) if first else nn.Identity()

    def forward(self, x):
        x = self.convolution(x)
        x = self.pad(x)
        x = self.norm(x)
        return self.pooler(x)


class BitDownsampleConv(nn.Module):
    def __init__(self, config, channels, out, stride, normed):
        super().__init__()
        self.conv = StandardConv2d(config, channels, out, 1, stride=stride)
        self.norm = NormActivation(config, out, act=False) if normed else nn.Identity()

    def forward(self, x):
        return self.norm(self.conv(x))


def divisible(value, divisor=8):
    """The nearest multiple that is not smaller by more than a tenth."""
    nearest = max(divisor, int(value + divisor / 2) // divisor * divisor)
    return nearest + divisor if nearest < 0.9 * value else nearest


class BitLayer(nn.Module):
    """Three convolutions, the inner one narrow; the norms before them, or behind."""

    def __init__(self, config, channels, out, stride, dilation, rate, first):
        super().__init__()
        inner = divisible(out * 0.25)
        self.before = config.layer_type == "preactivation"
        self.downsample = BitDownsampleConv(config, channels, out, stride, not self.before) if first else None
        self.conv1 = StandardConv2d(config, channels, inner, 1)
        self.conv2 = StandardConv2d(config, inner, inner, 3, stride, 1 if self.before else dilation)
        self.conv3 = StandardConv2d(config, inner, out, 1)
        self.norm1 = NormActivation(config, channels if self.before else inner)
        self.norm2 = NormActivation(config, inner)
        self.norm3 = NormActivation(config, inner) if self.before else NormActivation(config, out, act=False)
        self.drop_path = DropPath(rate) if rate > 0 else nn.Identity()
        if not self.before:
            self.activation = activation(config.hidden_act)

    def forward(self, x):
        if self.before:
            normed = self.norm1(x)
            shortcut = x if self.downsample is None else self.downsample(normed)
            x = self.conv1(normed)
            x = self.conv2(self.norm2(x))
            x = self.conv3(self.norm3(x))
            x = self.drop_path(x)
            return x + shortcut
        shortcut = x if self.downsample is None else self.downsample(x)
        x = self.conv1(x)
        x = self.norm1(x)
        x = self.conv2(x)
        x = self.norm2(x)
        x = self.conv3(x)
        x = self.norm3(x)
        x = self.drop_path(x)
        return self.activation(x + shortcut)


class BitStage(nn.Module):
    def __init__(self, config, channels, out, stride, dilation, stage_rates):
        super().__init__()
        start = 1 if dilation in (1, 2) else 2
        self.layers = nn.Sequential()
        for i, rate in enumerate(stage_rates):
            first = i == 0
            layer = BitLayer(config, channels if first else out, out, stride if first else 1, start if first else dilation, rate, first)
            self.layers.add_module(str(i), layer)

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


class BitEncoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.stages = nn.ModuleList([])
        left, channels, reached, dilation = rates(config), config.embedding_size, 4, 1
        for i, depth in enumerate(config.depths):
            out = divisible(config.hidden_sizes[i] * config.width_factor)
            stride = 1 if i == 0 else 2
            if reached >= config.output_stride:
                dilation, stride = dilation * stride, 1
            own, left = left[:depth], left[depth:]
            self.stages.append(BitStage(config, channels, out, stride, dilation, own))
            channels, reached = out, reached * stride

    def forward(self, x, states=None):
        """`states`: a list for what each stage reads and what the last one gives."""
        for stage in self.stages:
            if states is not None:
                states.append(x)
            x = stage(x)
        if states is not None:
            states.append(x)
        return x


class BitModel(ImageModel):
    def __init__(self, config):
        super().__init__(config)
        self.embedder = BitEmbeddings(config)
        self.encoder = BitEncoder(config)
        last = config.layer_type == "preactivation"
        self.norm = NormActivation(config, config.hidden_sizes[-1]) if last else nn.Identity()
        self.pooler = nn.AdaptiveAvgPool2d((1, 1))

    def forward(self, pixel_values=None, states=None, **kwargs):
        embedded = self.embedder(pixel_values)
        encoded = self.encoder(embedded, states)
        x = self.norm(encoded)
        return Output(last_hidden_state=x, pooler_output=self.pooler(x))


class BitForImageClassification(ImageModel):
    def __init__(self, config):
        super().__init__(config)
        self.bit = BitModel(config)
        last = nn.Linear(config.hidden_sizes[-1], config.num_labels) if config.num_labels > 0 else nn.Identity()
        self.classifier = nn.Sequential(nn.Flatten(), last)

    def forward(self, pixel_values=None, labels=None, **kwargs):
        out = self.bit(pixel_values)
        logits = self.classifier(out.pooler_output)
        loss = None if labels is None else classification_loss(logits, labels, self.config)
        return Output(loss=loss, logits=logits)


class BitBackbone(ImageModel):
    """The maps of the stages that `out_features` or `out_indices` name; the last alone where they name none."""

    def __init__(self, config):
        super().__init__(config)
        self.bit = BitModel(config)
        self.wanted = wanted_stages(config, ["stem"] + [f"stage{i + 1}" for i in range(len(config.depths))])
        widths = [config.embedding_size, *config.hidden_sizes]
        self.channels = [widths[i] for i in self.wanted]

    def forward(self, pixel_values=None, states=None, **kwargs):
        states = [] if states is None else states
        self.bit(pixel_values, states)
        return Output(feature_maps=tuple(state for i, state in enumerate(states) if i in self.wanted))
