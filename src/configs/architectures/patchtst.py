"""PatchTST: an encoder over patches of time series, each channel for itself."""
import math

import torch
from torch import nn

from .bart import BartAttention
from .parts.activations import activation
from .parts.config import Config
from .parts.heads import Model
from .parts.output import Output


class PatchTSTConfig(Config):
    model_type = "patchtst"
    attribute_map = {"hidden_size": "d_model"}
    defaults = dict(
        num_input_channels=1,
        context_length=32,
        distribution_output="student_t",
        loss="mse",
        patch_length=1,
        patch_stride=1,
        num_hidden_layers=3,
        d_model=128,
        num_attention_heads=4,
        share_embedding=True,
        channel_attention=False,
        ffn_dim=512,
        norm_type="batchnorm",
        norm_eps=1e-5,
        attention_dropout=0.0,
        positional_dropout=0.0,
        path_dropout=0.0,
        ff_dropout=0.0,
        bias=True,
        activation_function="gelu",
        pre_norm=True,
        positional_encoding_type="sincos",
        use_cls_token=False,
        share_projection=True,
        scaling="std",
        do_mask_input=None,
        mask_type="random",
        random_mask_ratio=0.5,
        num_forecast_mask_patches=(2,),
        channel_consistent_masking=False,
        mask_value=0,
        pooling_type="mean",
        head_dropout=0.0,
        prediction_length=24,
        num_targets=1,
    )

    def complete(self, given):
        if self.context_length <= self.patch_length:
            raise ValueError(f"context_length {self.context_length} is not greater than patch_length {self.patch_length}")
        self.num_patches = (self.context_length - self.patch_length) // self.patch_stride + 1


def dropped(share):
    return nn.Dropout(share) if share > 0 else nn.Identity()


class PatchTSTBatchNorm(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.batchnorm = nn.BatchNorm1d(config.d_model, eps=config.norm_eps)

    def forward(self, x):
        return self.batchnorm(x.transpose(1, 2)).transpose(1, 2)


def normed(config):
    if config.norm_type == "batchnorm":
        return PatchTSTBatchNorm(config)
    if config.norm_type == "layernorm":
        return nn.LayerNorm(config.d_model, eps=config.norm_eps)
    raise ValueError(f"norm_type {config.norm_type!r} is neither 'batchnorm' nor 'layernorm'")


class PatchTSTEncoderLayer(nn.Module):
    """Attention over the patches of each channel, over the channels of each patch where asked for, and a feed-forward half."""

    def __init__(self, config):
        super().__init__()
        self.config = config
        self.self_attn = BartAttention(config, config.num_attention_heads)
        self.dropout_path1 = dropped(config.path_dropout)
        self.norm_sublayer1 = normed(config)
        if config.channel_attention:
            self.dropout_path2 = dropped(config.path_dropout)
            self.norm_sublayer2 = normed(config)
        self.ff = nn.Sequential(
            nn.Linear(config.d_model, config.ffn_dim, bias=config.bias),
            activation(config.activation_function),
            dropped(config.ff_dropout),
            nn.Linear(config.ffn_dim, config.d_model, bias=config.bias),
        )
        self.dropout_path3 = dropped(config.path_dropout)
        self.norm_sublayer3 = normed(config)

    def around(self, x, norm, drop, half):
        if self.config.pre_norm:
            out = half(norm(x))
            return x + drop(out)
        out = half(x)
        return norm(x + drop(out))

    def attended(self, x):
        return self.self_attn(x)[0]

    def forward(self, x):
        batch, channels, length, size = x.shape
        x = x.view(batch * channels, length, size)
        x = self.around(x, self.norm_sublayer1, self.dropout_path1, self.attended)
        x = x.reshape(batch, channels, length, size)
        if self.config.channel_attention:
            x = x.transpose(2, 1).contiguous().view(batch * length, channels, size)
            x = self.around(x, self.norm_sublayer2, self.dropout_path2, self.attended)
            x = x.reshape(batch, length, channels, size).transpose(1, 2).contiguous()
        x = x.view(batch * channels, length, size)
        x = self.around(x, self.norm_sublayer3, self.dropout_path3, self.ff)
        return x.reshape(batch, channels, length, size)


class PatchTSTEmbedding(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.channels, self.shared = config.num_input_channels, config.share_embedding
        if self.shared:
            self.input_embedding = nn.Linear(config.patch_length, config.d_model)
        else:
            self.input_embedding = nn.ModuleList([nn.Linear(config.patch_length, config.d_model) for _ in range(self.channels)])

    def forward(self, patches):
        if patches.shape[1] != self.channels:
            raise ValueError(f"the series has {patches.shape[1]} channels, but num_input_channels is {self.channels}")
        if self.shared:
            return self.input_embedding(patches)
        return torch.stack([self.input_embedding[i](patches[:, i, :, :]) for i in range(self.channels)], dim=1)


class PatchTSTPositionalEncoding(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.channels, self.classed = config.num_input_channels, config.use_cls_token
        if self.classed:
            self.cls_token = nn.Parameter(torch.zeros(1, 1, 1, config.d_model))
        learned = config.positional_encoding_type == "random"
        if not learned and config.positional_encoding_type != "sincos":
            raise ValueError(f"positional_encoding_type {config.positional_encoding_type!r} is neither 'random' nor 'sincos'")
        count = config.num_patches + (1 if self.classed else 0)
        self.position_enc = nn.Parameter(torch.zeros(count, config.d_model), requires_grad=learned)
        self.positional_dropout = dropped(config.positional_dropout)

    def forward(self, x):
        if not self.classed:
            return self.positional_dropout(x + self.position_enc)
        x = self.positional_dropout(x + self.position_enc[1:, :])
        first = self.cls_token + self.position_enc[:1, :]
        return torch.cat((first.expand(x.shape[0], self.channels, -1, -1), x), dim=2)


class PatchTSTEncoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.embedder = PatchTSTEmbedding(config)
        self.positional_encoder = PatchTSTPositionalEncoding(config)
        self.layers = nn.ModuleList([PatchTSTEncoderLayer(config) for _ in range(config.num_hidden_layers)])

    def forward(self, patches):
        patches = self.embedder(patches)
        x = self.positional_encoder(patches)
        for layer in self.layers:
            x = layer(x)
        return x


class StdScaler(nn.Module):
    """The series with mean 0 and deviation 1 over its observed values, and both of these."""

    def forward(self, x, observed):
        count = observed.sum(1, keepdim=True).clamp_min(1.0)
        mean = (x * observed).sum(1, keepdim=True) / count
        variance = (((x - mean) * observed) ** 2).sum(1, keepdim=True) / count
        scale = torch.sqrt(variance + 1e-5)
        return (x - mean) / scale, mean, scale


class MeanScaler(nn.Module):
    """The series over the mean size of its observed values; over the batch's where none is observed."""

    def forward(self, x, observed):
        total = (x * observed).abs().sum(1, keepdim=True)
        count = observed.sum(1, keepdim=True)
        scale = total / torch.clamp(count, min=1)
        usual = torch.squeeze(total.sum(dim=0) / torch.clamp(count.sum(0), min=1))
        scale = torch.clamp(torch.where(count > 0, scale, usual), min=1e-10)
        return x / scale, torch.zeros_like(scale), scale


class NoScaler(nn.Module):
    def forward(self, x, observed):
        scale = torch.ones_like(x).mean(dim=1, keepdim=True)
        return x, torch.zeros_like(x).mean(dim=1, keepdim=True), scale


class PatchTSTScaler(nn.Module):
    def __init__(self, config):
        super().__init__()
        named = {"mean": MeanScaler, True: MeanScaler, "std": StdScaler}
        self.scaler = named.get(config.scaling, NoScaler)()

    def forward(self, x, observed):
        return self.scaler(x, observed)


class PatchTSTPatchify(nn.Module):
    """`[B, T, channels]` → `[B, channels, patches, patch_length]`; values in front that fill no patch are left out."""

    def __init__(self, config):
        super().__init__()
        self.length, self.size, self.step = config.context_length, config.patch_length, config.patch_stride
        self.start = self.length - (self.size + self.step * (config.num_patches - 1))

    def forward(self, x):
        if x.shape[-2] != self.length:
            raise ValueError(f"the series is {x.shape[-2]} long, but context_length is {self.length}")
        patches = x[:, self.start :, :].unfold(dimension=-2, size=self.size, step=self.step)
        return patches.transpose(-2, -3).contiguous()


class PatchTSTModel(Model):
    def __init__(self, config):
        super().__init__(config)
        if config.do_mask_input:
            raise NotImplementedError("do_mask_input is not defined here")
        self.scaler = PatchTSTScaler(config)
        self.patchifier = PatchTSTPatchify(config)
        self.masking = nn.Identity()
        self.encoder = PatchTSTEncoder(config)

    def inputs(self):
        return {"past_values": f"float32[B, {self.config.context_length}, {self.config.num_input_channels}]"}

    def forward(self, past_values=None, past_observed_mask=None, future_values=None, **kwargs):
        if past_observed_mask is None:
            past_observed_mask = torch.ones_like(past_values)
        scaled, mean, scale = self.scaler(past_values, past_observed_mask)
        patches = self.patchifier(scaled)
        x = self.encoder(self.masking(patches))
        return Output(last_hidden_state=x, loc=mean, scale=scale, patch_input=patches)


def pooled(x, config, whole=False):
    """One vector of each channel: its class token's, the mean or the largest; all of them where `whole` and none is named."""
    if config.use_cls_token:
        return x[:, :, 0, :]
    if config.pooling_type == "mean":
        return x.mean(dim=2)
    if config.pooling_type == "max":
        return x.max(dim=2).values
    if not whole:
        raise ValueError(f"pooling_type {config.pooling_type!r} is neither 'mean' nor 'max'")
    return x


class PatchTSTClassificationHead(nn.Module):
    name = "linear"

    def __init__(self, config):
        super().__init__()
        self.config = config
        self.flatten = nn.Flatten(start_dim=1)
        self.dropout = dropped(config.head_dropout)
        setattr(self, self.name, nn.Linear(config.num_input_channels * config.d_model, config.num_targets))

    def forward(self, x):
        x = self.flatten(pooled(x, self.config))
        return getattr(self, self.name)(self.dropout(x))


class PatchTSTRegressionHead(PatchTSTClassificationHead):
    name = "projection"

    def forward(self, x):
        x = super().forward(x)
        bounds = self.config.output_range
        return x if bounds is None else torch.sigmoid(x) * (bounds[1] - bounds[0]) + bounds[0]


class PatchTSTPredictionHead(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        size = config.d_model * (1 if config.pooling_type or config.use_cls_token else config.num_patches)
        if not config.share_projection:
            raise NotImplementedError("a prediction head without share_projection is not defined here")
        self.flatten = nn.Flatten(start_dim=2)
        self.projection = nn.Linear(size, config.prediction_length)
        self.dropout = dropped(config.head_dropout)

    def forward(self, x):
        x = self.flatten(pooled(x, self.config, whole=True))
        return self.projection(self.dropout(x)).transpose(2, 1)


class PatchTSTHeaded(Model):
    head_class = None

    def __init__(self, config):
        super().__init__(config)
        config.do_mask_input = False
        if config.loss != "mse" and self.head_class is not PatchTSTClassificationHead:
            raise NotImplementedError(f"a head for loss {config.loss!r} is not defined here")
        self.model = PatchTSTModel(config)
        self.head = self.head_class(config)

    def inputs(self):
        return self.model.inputs()


class PatchTSTForClassification(PatchTSTHeaded):
    head_class = PatchTSTClassificationHead

    def targets(self):
        return {"target_values": "int64[B]"}

    def forward(self, past_values=None, target_values=None, past_observed_mask=None, **kwargs):
        out = self.model(past_values, past_observed_mask)
        logits = self.head(out.last_hidden_state)
        loss = None if target_values is None else nn.functional.cross_entropy(logits, target_values)
        return Output(loss=loss, prediction_logits=logits)


class PatchTSTForRegression(PatchTSTHeaded):
    head_class = PatchTSTRegressionHead

    def targets(self):
        return {"target_values": f"float32[B, {self.config.num_targets}]"}

    def forward(self, past_values=None, target_values=None, past_observed_mask=None, **kwargs):
        out = self.model(past_values, past_observed_mask)
        values = self.head(out.last_hidden_state)
        loss = None if target_values is None else nn.functional.mse_loss(values, target_values)
        return Output(loss=loss, regression_outputs=values)


class PatchTSTForPrediction(PatchTSTHeaded):
    head_class = PatchTSTPredictionHead

    def targets(self):
        return {"future_values": f"float32[B, {self.config.prediction_length}, {self.config.num_input_channels}]"}

    def forward(self, past_values=None, past_observed_mask=None, future_values=None, **kwargs):
        out = self.model(past_values, past_observed_mask)
        values = self.head(out.last_hidden_state)
        values = values * out.scale + out.loc
        loss = None if future_values is None else nn.functional.mse_loss(values, future_values)
        return Output(loss=loss, prediction_outputs=values, loc=out.loc, scale=out.scale)
