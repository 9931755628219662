"""What models of raw sound share: convolutions over the signal, positions from a convolution, masked spans, adapters."""
import torch
from torch import nn

from .activations import activation
from .block import Block
from .heads import Model


class ConvLayer(Block):
    """A convolution over time; the first is normed for each channel, or all are over their channels."""

    def __init__(self, config, index):
        super().__init__()
        before, out = config.conv_dim[index - 1] if index > 0 else 1, config.conv_dim[index]
        self.conv = nn.Conv1d(before, out, config.conv_kernel[index], stride=config.conv_stride[index], bias=config.conv_bias)
        self.everywhere = config.feat_extract_norm == "layer"
        self.layer_norm = None
        if self.everywhere:
            self.layer_norm = nn.LayerNorm(out)
        elif index == 0:
            self.layer_norm = nn.GroupNorm(num_groups=out, num_channels=out)
        self.activation = activation(config.feat_extract_activation)

    def forward(self, x):
        x = self.conv(x)
        if self.everywhere:
            x = x.transpose(-2, -1)
            x = self.layer_norm(x)
            x = x.transpose(-2, -1)
        elif self.layer_norm is not None:
            x = self.layer_norm(x)
        return self.activation(x)


class FeatureEncoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.conv_layers = nn.ModuleList([ConvLayer(config, i) for i in range(len(config.conv_dim))])

    def forward(self, signal):
        x = signal[:, None]
        if self.training:
            x.requires_grad = True
        for layer in self.conv_layers:
            x = layer(x)
        return x


class FeatureProjection(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.normed = config.feat_proj_layer_norm
        if self.normed:
            self.layer_norm = nn.LayerNorm(config.conv_dim[-1], eps=config.layer_norm_eps)
        self.projection = nn.Linear(config.conv_dim[-1], config.hidden_size)
        self.dropout = nn.Dropout(config.feat_proj_dropout)

    def forward(self, x):
        normed = self.layer_norm(x) if self.normed else x
        x = self.projection(normed)
        return self.dropout(x), normed


class SamePad(nn.Module):
    """Takes off what an even kernel adds."""

    def __init__(self, kernel):
        super().__init__()
        self.extra = 1 if kernel % 2 == 0 else 0

    def forward(self, x):
        return x[:, :, : -self.extra] if self.extra > 0 else x


class PositionalConv(nn.Module):
    def __init__(self, config):
        super().__init__()
        kernel, size = config.num_conv_pos_embeddings, config.hidden_size
        conv = nn.Conv1d(size, size, kernel_size=kernel, padding=kernel // 2, groups=config.num_conv_pos_embedding_groups)
        self.batch_norm = nn.BatchNorm1d(size) if config.conv_pos_batch_norm else None
        self.conv = conv if config.conv_pos_batch_norm else nn.utils.parametrizations.weight_norm(conv, name="weight", dim=2)
        self.padding = SamePad(kernel)
        self.activation = activation(config.feat_extract_activation)

    def forward(self, x):
        x = x.transpose(1, 2)
        if self.batch_norm is not None:
            x = self.batch_norm(x)
        x = self.conv(x)
        x = self.padding(x)
        x = self.activation(x)
        return x.transpose(1, 2)


class FeedForward(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.intermediate_dropout = nn.Dropout(config.activation_dropout)
        self.intermediate_dense = nn.Linear(config.hidden_size, config.intermediate_size)
        self.intermediate_act_fn = activation(config.hidden_act)
        self.output_dense = nn.Linear(config.intermediate_size, config.hidden_size)
        self.output_dropout = nn.Dropout(config.hidden_dropout)

    def forward(self, x):
        x = self.intermediate_dense(x)
        x = self.intermediate_act_fn(x)
        x = self.intermediate_dropout(x)
        x = self.output_dense(x)
        return self.output_dropout(x)


class AdapterLayer(nn.Module):
    def __init__(self, config):
        super().__init__()
        size = config.output_hidden_size
        self.conv = nn.Conv1d(size, 2 * size, config.adapter_kernel_size, stride=config.adapter_stride, padding=1)

    def forward(self, x):
        return nn.functional.glu(self.conv(x), dim=1)


class Adapter(nn.Module):
    """Convolutions that shorten what the encoder hands on."""

    def __init__(self, config):
        super().__init__()
        self.drop = config.layerdrop
        self.proj = self.proj_layer_norm = None
        if config.output_hidden_size != config.hidden_size:
            self.proj = nn.Linear(config.hidden_size, config.output_hidden_size)
            self.proj_layer_norm = nn.LayerNorm(config.output_hidden_size)
        self.layers = nn.ModuleList([AdapterLayer(config) for _ in range(config.num_adapter_layers)])

    def forward(self, x):
        if self.proj is not None:
            x = self.proj_layer_norm(self.proj(x))
        x = x.transpose(1, 2)
        for layer in self.layers:
            if not self.training or torch.rand([]) > self.drop:
                x = layer(x)
        return x.transpose(1, 2)


def spans(x, count, length, rate, least):
    """`[B, places]`: where masked spans lie, which start at random; places that two spans share are named twice."""
    number = min(max(int(rate * count / length + 0.5), least), count // length)
    starts = torch.randint(0, max(count - length + 1, 1), (x.shape[0], number, 1), device=x.device)
    return (starts + torch.arange(length, device=x.device)).flatten(1)


def feature_counts(config, counts):
    """How many features the convolutions make of so many samples."""
    for kernel, stride in zip(config.conv_kernel, config.conv_stride):
        counts = (counts - kernel) // stride + 1
    return counts


class Listening(Model):
    """A second of sound at 16 kHz where nobody gives another."""

    def inputs(self):
        return {"input_values": "float32[B, 16000]"}

    def targets(self):
        return {"labels": "int64[B]"} if type(self).__name__.endswith("ForSequenceClassification") else {}
