"""MobileNetV2: blocks that widen, mix each channel alone and narrow again, added to what came in."""
import torch
from torch import nn

from .bit import divisible
from .mobilenet_v1 import MobileNetConvLayer
from .parts.config import Config
from .parts.heads import ImageModel
from .parts.losses import classification_loss
from .parts.output import Output


class MobileNetV2Config(Config):
    model_type = "mobilenet_v2"
    defaults = dict(
        num_channels=3,
        image_size=224,
        depth_multiplier=1.0,
        depth_divisible_by=8,
        min_depth=8,
        expand_ratio=6.0,
        output_stride=32,
        first_layer_is_expansion=True,
        finegrained_output=True,
        hidden_act="relu6",
        tf_padding=True,
        classifier_dropout_prob=0.8,
        layer_norm_eps=0.001,
        semantic_loss_ignore_index=255,
    )

    def complete(self, given):
        if self.depth_multiplier <= 0:
            raise ValueError(f"depth_multiplier is {self.depth_multiplier}, but it must be above 0")

    def rounded(self, count):
        """A width as a multiple of the divisor, and no less than the smallest."""
        return max(self.min_depth, int(divisible(int(round(count)), self.depth_divisible_by)))

    def channels(self, count):
        return self.rounded(count * self.depth_multiplier)


class ConvLayer(MobileNetConvLayer):
    momentum = 0.997


class MobileNetV2InvertedResidual(nn.Module):
    def __init__(self, config, channels, out, stride, dilation):
        super().__init__()
        width = config.rounded(channels * config.expand_ratio)
        self.adds = stride == 1 and channels == out
        self.expand_1x1 = ConvLayer(config, channels, width, 1)
        self.conv_3x3 = ConvLayer(config, width, width, 3, stride, width, dilation)
        self.reduce_1x1 = ConvLayer(config, width, out, 1, act=False)

    def forward(self, x):
        before = x
        x = self.expand_1x1(x)
        x = self.conv_3x3(x)
        x = self.reduce_1x1(x)
        return before + x if self.adds else x


class MobileNetV2Stem(nn.Module):
    def __init__(self, config, width, out):
        super().__init__()
        self.first_conv = ConvLayer(config, config.num_channels, width, 3, 2)
        self.expand_1x1 = None if config.first_layer_is_expansion else ConvLayer(config, width, width, 1)
        self.conv_3x3 = ConvLayer(config, width, width, 3, 1, width)
        self.reduce_1x1 = ConvLayer(config, width, out, 1, act=False)

    def forward(self, x):
        x = self.first_conv(x)
        if self.expand_1x1 is not None:
            x = self.expand_1x1(x)
        x = self.conv_3x3(x)
        return self.reduce_1x1(x)


class MobileNetV2Model(ImageModel):
    def __init__(self, config, pooling=True):
        super().__init__(config)
        widths = [config.channels(one) for one in [16, 24, 24, 32, 32, 32, 64, 64, 64, 64, 96, 96, 96, 160, 160, 160, 320]]
        self.conv_stem = MobileNetV2Stem(config, config.channels(32), widths[0])
        self.layer = nn.ModuleList([])
        reached, dilation = 2, 1
        for i, stride in enumerate([2, 1, 2, 1, 1, 2, 1, 1, 1, 1, 1, 1, 2, 1, 1, 1]):
            own = 1
            if reached == config.output_stride:
                own, dilation, stride = dilation, dilation * stride, 1
            reached *= stride
            self.layer.append(MobileNetV2InvertedResidual(config, widths[i], widths[i + 1], stride, own))
        fine = config.finegrained_output and config.depth_multiplier < 1.0
        self.conv_1x1 = ConvLayer(config, widths[-1], 1280 if fine else config.channels(1280), 1)
        self.pooler = nn.AdaptiveAvgPool2d((1, 1)) if pooling else None

    def forward(self, pixel_values=None, output_hidden_states=False, **kwargs):
        x = self.conv_stem(pixel_values)
        states = () if output_hidden_states else None
        for layer in self.layer:
            x = layer(x)
            if output_hidden_states:
                states = states + (x,)
        last = self.conv_1x1(x)
        pooled = None if self.pooler is None else torch.flatten(self.pooler(last), start_dim=1)
        return Output(last_hidden_state=last, pooler_output=pooled, hidden_states=states)


class MobileNetV2ForImageClassification(ImageModel):
    def __init__(self, config):
        super().__init__(config)
        self.mobilenet_v2 = MobileNetV2Model(config)
        size = self.mobilenet_v2.conv_1x1.convolution.out_channels
        self.dropout = nn.Dropout(config.classifier_dropout_prob, inplace=True)
        self.classifier = nn.Linear(size, config.num_labels) if config.num_labels > 0 else nn.Identity()

    def forward(self, pixel_values=None, labels=None, **kwargs):
        out = self.mobilenet_v2(pixel_values)
        logits = self.classifier(self.dropout(out.pooler_output))
        loss = None if labels is None else classification_loss(logits, labels, self.config)
        return Output(loss=loss, logits=logits)


class MobileNetV2DeepLabV3Plus(nn.Module):
    """What the whole image says beside what each place says."""

    def __init__(self, config):
        super().__init__()
        size = config.channels(320)
        self.avg_pool = nn.AdaptiveAvgPool2d(output_size=1)
        self.conv_pool = ConvLayer(config, size, 256, 1, act="relu", eps=1e-5)
        self.conv_aspp = ConvLayer(config, size, 256, 1, act="relu", eps=1e-5)
        self.conv_projection = ConvLayer(config, 512, 256, 1, act="relu", eps=1e-5)
        self.dropout = nn.Dropout2d(config.classifier_dropout_prob)
        self.classifier = ConvLayer(config, 256, config.num_labels, 1, bias=True, normed=False, act=False)

    def forward(self, x):
        whole = self.avg_pool(x)
        whole = self.conv_pool(whole)
        whole = nn.functional.interpolate(whole, size=x.shape[-2:], mode="bilinear", align_corners=True)
        places = self.conv_aspp(x)
        x = torch.cat([whole, places], dim=1)
        x = self.conv_projection(x)
        x = self.dropout(x)
        return self.classifier(x)


class MobileNetV2ForSemanticSegmentation(ImageModel):
    def __init__(self, config):
        super().__init__(config)
        self.mobilenet_v2 = MobileNetV2Model(config, pooling=False)
        self.segmentation_head = MobileNetV2DeepLabV3Plus(config)

    def targets(self):
        size = self.config.image_size
        return {"labels": f"int64[B, {size}, {size}]"}

    def forward(self, pixel_values=None, labels=None, **kwargs):
        out = self.mobilenet_v2(pixel_values, output_hidden_states=True)
        logits = self.segmentation_head(out.hidden_states[-1])
        loss = None
        if labels is not None:
            larger = nn.functional.interpolate(logits, size=labels.shape[-2:], mode="bilinear", align_corners=False)
            loss = nn.functional.cross_entropy(larger, labels, ignore_index=self.config.semantic_loss_ignore_index)
        return Output(loss=loss, logits=logits)
