"""ResNet: residual stages of convolutions."""
from torch import nn

from .parts.activations import activation
from .parts.backbone import wanted_stages
from .parts.config import Config
from .parts.heads import ImageModel
from .parts.losses import classification_loss
from .parts.output import Output


class ResNetConfig(Config):
    model_type = "resnet"
    defaults = dict(
        num_channels=3,
        embedding_size=64,
        hidden_sizes=[256, 512, 1024, 2048],
        depths=[3, 4, 6, 3],
        layer_type="bottleneck",
        hidden_act="relu",
        downsample_in_first_stage=False,
        downsample_in_bottleneck=False,
        image_size=224,
    )


class ResNetConvLayer(nn.Module):
    def __init__(self, channels, out, kernel=3, stride=1, act="relu"):
        super().__init__()
        self.convolution = nn.Conv2d(channels, out, kernel, stride=stride, padding=kernel // 2, bias=False)
        self.normalization = nn.BatchNorm2d(out)
        self.activation = nn.Identity() if act is None else activation(act)

    def forward(self, x):
        return self.activation(self.normalization(self.convolution(x)))


class ResNetEmbeddings(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.embedder = ResNetConvLayer(config.num_channels, config.embedding_size, 7, 2, config.hidden_act)
        self.pooler = nn.MaxPool2d(kernel_size=3, stride=2, padding=1)

    def forward(self, x):
        return self.pooler(self.embedder(x))


class ResNetShortCut(nn.Module):
    def __init__(self, channels, out, stride=2):
        super().__init__()
        self.convolution = nn.Conv2d(channels, out, kernel_size=1, stride=stride, bias=False)
        self.normalization = nn.BatchNorm2d(out)

    def forward(self, x):
        return self.normalization(self.convolution(x))


class ResNetLayer(nn.Module):
    """Two convolutions, or with `bottleneck` three of which the inner one is narrow."""

    def __init__(self, config, channels, out, stride=1):
        super().__init__()
        changes = channels != out or stride != 1
        self.shortcut = ResNetShortCut(channels, out, stride) if changes else nn.Identity()
        if config.layer_type == "bottleneck":
            inner = out // 4
            first, second = (stride, 1) if config.downsample_in_bottleneck else (1, stride)
            self.layer = nn.Sequential(
                ResNetConvLayer(channels, inner, 1, first),
                ResNetConvLayer(inner, inner, stride=second),
                ResNetConvLayer(inner, out, 1, act=None),
            )
        else:
            self.layer = nn.Sequential(ResNetConvLayer(channels, out, stride=stride), ResNetConvLayer(out, out, act=None))
        self.activation = activation(config.hidden_act)

    def forward(self, x):
        out = self.layer(x)
        out += self.shortcut(x)
        return self.activation(out)


class ResNetStage(nn.Module):
    layer_class = ResNetLayer

    def __init__(self, config, channels, out, stride=2, depth=2):
        super().__init__()
        rest = [self.layer_class(config, out, out) for _ in range(depth - 1)]
        self.layers = nn.Sequential(self.layer_class(config, channels, out, stride), *rest)

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


class ResNetEncoder(nn.Module):
    stage_class = ResNetStage

    def __init__(self, config):
        super().__init__()
        widths = [config.embedding_size, *config.hidden_sizes]
        self.stages = nn.ModuleList([])
        for i, depth in enumerate(config.depths):
            stride = 2 if i > 0 or config.downsample_in_first_stage else 1
            self.stages.append(self.stage_class(config, widths[i], widths[i + 1], stride, depth))

    def forward(self, x, states=None):
        """`states`: a list for what each stage reads and what the last one gives."""
        for stage in self.stages:
            if states is not None:
                states.append(x)
            x = stage(x)
        if states is not None:
            states.append(x)
        return x


class ResNetModel(ImageModel):
    embeddings_class, encoder_class = ResNetEmbeddings, ResNetEncoder

    def __init__(self, config):
        super().__init__(config)
        self.embedder = self.embeddings_class(config)
        self.encoder = self.encoder_class(config)
        self.pooler = nn.AdaptiveAvgPool2d((1, 1))

    def forward(self, pixel_values=None, **kwargs):
        x = self.encoder(self.embedder(pixel_values))
        return Output(last_hidden_state=x, pooler_output=self.pooler(x))


class ResNetForImageClassification(ImageModel):
    base, name = ResNetModel, "resnet"

    def __init__(self, config):
        super().__init__(config)
        setattr(self, self.name, self.base(config))
        last = nn.Linear(config.hidden_sizes[-1], config.num_labels) if config.num_labels > 0 else nn.Identity()
        self.classifier = nn.Sequential(nn.Flatten(), last)

    def forward(self, pixel_values=None, labels=None, **kwargs):
        logits = self.classifier(getattr(self, self.name)(pixel_values).pooler_output)
        loss = None if labels is None else classification_loss(logits, labels, self.config)
        return Output(loss=loss, logits=logits)


class ResNetBackbone(ImageModel):
    """The maps of the stages that `out_features` or `out_indices` name; the last alone where they name none."""

    def __init__(self, config):
        super().__init__(config)
        self.embedder = ResNetEmbeddings(config)
        self.encoder = ResNetEncoder(config)
        self.wanted = wanted_stages(config, ["stem"] + [f"stage{i + 1}" for i in range(len(config.depths))])
        widths = [config.embedding_size, *config.hidden_sizes]
        self.channels = [widths[i] for i in self.wanted]

    def forward(self, pixel_values=None, states=None, **kwargs):
        states = [] if states is None else states
        embedded = self.embedder(pixel_values)
        self.encoder(embedded, states)
        return Output(feature_maps=tuple(state for i, state in enumerate(states) if i in self.wanted))
