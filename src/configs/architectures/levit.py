"""LeViT: convolutions make patches, attention with learned distances shrinks the grid twice."""
import torch
from torch import nn

from .parts.config import Config
from .parts.heads import ImageModel
from .parts.losses import classification_loss
from .parts.output import Output


class LevitConfig(Config):
    model_type = "levit"
    defaults = dict(
        image_size=224,
        num_channels=3,
        kernel_size=3,
        stride=2,
        padding=1,
        patch_size=16,
        hidden_sizes=[128, 256, 384],
        num_attention_heads=[4, 8, 12],
        depths=[4, 4, 4],
        key_dim=[16, 16, 16],
        drop_path_rate=0,
        mlp_ratio=[2, 2, 2],
        attention_ratio=[2, 2, 2],
    )

    def complete(self, given):
        if len(self.depths) != 3 or len(self.hidden_sizes) != 3:
            raise ValueError(f"depths has {len(self.depths)} stages and hidden_sizes {len(self.hidden_sizes)}, but LeViT has 3")


class LevitConvEmbeddings(nn.Module):
    def __init__(self, config, channels, out):
        super().__init__()
        self.convolution = nn.Conv2d(channels, out, config.kernel_size, config.stride, config.padding, bias=False)
        self.batch_norm = nn.BatchNorm2d(out)

    def forward(self, x):
        x = self.convolution(x)
        return self.batch_norm(x)


class LevitPatchEmbeddings(nn.Module):
    def __init__(self, config):
        super().__init__()
        size = config.hidden_sizes[0]
        self.embedding_layer_1 = LevitConvEmbeddings(config, config.num_channels, size // 8)
        self.activation_layer_1 = nn.Hardswish()
        self.embedding_layer_2 = LevitConvEmbeddings(config, size // 8, size // 4)
        self.activation_layer_2 = nn.Hardswish()
        self.embedding_layer_3 = LevitConvEmbeddings(config, size // 4, size // 2)
        self.activation_layer_3 = nn.Hardswish()
        self.embedding_layer_4 = LevitConvEmbeddings(config, size // 2, size)

    def forward(self, pixel_values):
        x = self.embedding_layer_1(pixel_values)
        x = self.activation_layer_1(x)
        x = self.embedding_layer_2(x)
        x = self.activation_layer_2(x)
        x = self.embedding_layer_3(x)
        x = self.activation_layer_3(x)
        x = self.embedding_layer_4(x)
        return x.flatten(2).transpose(1, 2)


class NormedLinear(nn.Module):
    """A linear layer and a batch norm over all tokens."""

    def __init__(self, size, out):
        super().__init__()
        self.linear = nn.Linear(size, out, bias=False)
        self.batch_norm = nn.BatchNorm1d(out)

    def forward(self, x):
        x = self.linear(x)
        return self.batch_norm(x.flatten(0, 1)).reshape_as(x)


class DistanceBias(nn.Module):
    """What attention adds for each distance between a query's and a key's place; looked up once outside training."""

    def make_biases(self, heads, resolution, queries, stride):
        self.kept = None
        self.attention_biases = nn.Parameter(torch.zeros(heads, resolution**2))
        apart = (torch.arange(queries)[:, None] * stride - torch.arange(resolution)[None, :]).abs()
        places = apart[:, None, :, None] * resolution + apart[None, :, None, :]
        places = places.reshape(queries**2, resolution**2)
        self.register_buffer("attention_bias_idxs", places, persistent=False)

    def train(self, mode=True):
        super().train(mode)
        if mode:
            self.kept = None
        return self

    def biases(self):
        if self.training:
            return self.attention_biases[:, self.attention_bias_idxs]
        if self.kept is None:
            self.kept = self.attention_biases[:, self.attention_bias_idxs]
        return self.kept


class LevitAttention(DistanceBias):
    def __init__(self, size, width, heads, ratio, resolution):
        super().__init__()
        self.heads, self.widths, self.scale = heads, [width, width, ratio * width], width**-0.5
        self.queries_keys_values = NormedLinear(size, ratio * width * heads + width * heads * 2)
        self.activation = nn.Hardswish()
        self.projection = NormedLinear(ratio * width * heads, size)
        self.make_biases(heads, resolution, resolution, 1)

    def forward(self, x):
        batch, length, _ = x.shape
        joined = self.queries_keys_values(x)
        query, key, value = joined.view(batch, length, self.heads, -1).split(self.widths, dim=3)
        query, key, value = (one.permute(0, 2, 1, 3) for one in (query, key, value))
        weights = query @ key.transpose(-2, -1) * self.scale + self.biases()
        weights = weights.softmax(dim=-1)
        x = (weights @ value).transpose(1, 2).reshape(batch, length, -1)
        return self.projection(self.activation(x))


class LevitSubsample(nn.Module):
    """Every `stride`-th row and column of the grid."""

    def __init__(self, stride, resolution):
        super().__init__()
        self.stride, self.resolution = stride, resolution

    def forward(self, x):
        batch, _, channels = x.shape
        grid = x.view(batch, self.resolution, self.resolution, channels)
        return grid[:, :: self.stride, :: self.stride].reshape(batch, -1, channels)


class LevitAttentionSubsample(DistanceBias):
    def __init__(self, size, out, width, heads, ratio, stride, resolution, smaller):
        super().__init__()
        self.heads, self.widths, self.scale = heads, [width, ratio * width], width**-0.5
        self.smaller = smaller
        self.keys_values = NormedLinear(size, ratio * width * heads + width * heads)
        self.queries_subsample = LevitSubsample(stride, resolution)
        self.queries = NormedLinear(size, width * heads)
        self.activation = nn.Hardswish()
        self.projection = NormedLinear(ratio * width * heads, out)
        self.make_biases(heads, resolution, smaller, stride)

    def forward(self, x):
        batch, length, _ = x.shape
        key, value = self.keys_values(x).view(batch, length, self.heads, -1).split(self.widths, dim=3)
        key, value = key.permute(0, 2, 1, 3), value.permute(0, 2, 1, 3)
        query = self.queries(self.queries_subsample(x))
        query = query.view(batch, self.smaller**2, self.heads, self.widths[0]).permute(0, 2, 1, 3)
        weights = query @ key.transpose(-2, -1) * self.scale + self.biases()
        weights = weights.softmax(dim=-1)
        x = (weights @ value).transpose(1, 2).reshape(batch, self.smaller**2, -1)
        return self.projection(self.activation(x))


class LevitMLPLayer(nn.Module):
    def __init__(self, size, width):
        super().__init__()
        self.linear_up = NormedLinear(size, width)
        self.activation = nn.Hardswish()
        self.linear_down = NormedLinear(width, size)

    def forward(self, x):
        x = self.linear_up(x)
        x = self.activation(x)
        return self.linear_down(x)


class LevitResidualLayer(nn.Module):
    def __init__(self, module, rate):
        super().__init__()
        self.module, self.rate = module, rate

    def forward(self, x):
        if self.training and self.rate > 0:
            kept = torch.rand(x.size(0), 1, 1, device=x.device).ge_(self.rate).div(1 - self.rate)
            return x + self.module(x) * kept
        return x + self.module(x)


class LevitStage(nn.Module):
    def __init__(self, config, index, resolution):
        super().__init__()
        rate, size, ratio = config.drop_path_rate, config.hidden_sizes[index], config.mlp_ratio[index]
        width, heads, attention_ratio = config.key_dim[index], config.num_attention_heads[index], config.attention_ratio[index]
        layers = []
        for _ in range(config.depths[index]):
            layers.append(LevitResidualLayer(LevitAttention(size, width, heads, attention_ratio, resolution), rate))
            if ratio > 0:
                layers.append(LevitResidualLayer(LevitMLPLayer(size, size * ratio), rate))
        self.resolution = resolution
        if index + 1 < len(config.depths):
            out, width = config.hidden_sizes[index + 1], config.key_dim[0]
            self.resolution = (resolution - 1) // 2 + 1
            layers.append(LevitAttentionSubsample(size, out, width, size // width, 4, 2, resolution, self.resolution))
            layers.append(LevitResidualLayer(LevitMLPLayer(out, out * 2), rate))
        self.layers = nn.ModuleList(layers)

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


class LevitEncoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        resolution = config.image_size // config.patch_size
        self.stages = nn.ModuleList([])
        for i in range(len(config.depths)):
            self.stages.append(LevitStage(config, i, resolution))
            resolution = self.stages[i].resolution

    def forward(self, x):
        for stage in self.stages:
            x = stage(x)
        return x


class LevitClassificationLayer(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.batch_norm = nn.BatchNorm1d(config.hidden_sizes[-1])
        self.linear = nn.Linear(config.hidden_sizes[-1], config.num_labels)

    def forward(self, x):
        return self.linear(self.batch_norm(x))


class LevitModel(ImageModel):
    def __init__(self, config):
        super().__init__(config)
        self.patch_embeddings = LevitPatchEmbeddings(config)
        self.encoder = LevitEncoder(config)

    def forward(self, pixel_values=None, **kwargs):
        embedded = self.patch_embeddings(pixel_values)
        x = self.encoder(embedded)
        return Output(last_hidden_state=x, pooler_output=x.mean(dim=1))


class LevitForImageClassification(ImageModel):
    def __init__(self, config):
        super().__init__(config)
        self.levit = LevitModel(config)
        self.classifier = LevitClassificationLayer(config) if config.num_labels > 0 else nn.Identity()

    def forward(self, pixel_values=None, labels=None, **kwargs):
        out = self.levit(pixel_values)
        logits = self.classifier(out.last_hidden_state.mean(1))
        loss = None if labels is None else classification_loss(logits, labels, self.config)
        return Output(loss=loss, logits=logits)


class LevitForImageClassificationWithTeacher(ImageModel):
    """A second head that learned from a teacher; the answer is the mean of both."""

    def __init__(self, config):
        super().__init__(config)
        self.levit = LevitModel(config)
        self.classifier = LevitClassificationLayer(config) if config.num_labels > 0 else nn.Identity()
        self.classifier_distill = LevitClassificationLayer(config) if config.num_labels > 0 else nn.Identity()

    def forward(self, pixel_values=None, **kwargs):
        out = self.levit(pixel_values)
        x = out.last_hidden_state.mean(1)
        own, taught = self.classifier(x), self.classifier_distill(x)
        return Output(logits=(own + taught) / 2, cls_logits=own, distillation_logits=taught)
