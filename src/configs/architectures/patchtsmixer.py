"""PatchTSMixer: perceptrons that mix patches of time series, their features, and channels where asked for."""
import torch
from torch import nn

from .bart import BartAttention
from .parts.config import Config
from .parts.heads import Model
from .parts.output import Output
from .parts.series import InjectScalerStatistics4D, PatchTSMixerLinearHead, PatchTSMixerMasking
from .patchtst import MeanScaler, NoScaler, PatchTSTPatchify, StdScaler


class PatchTSMixerConfig(Config):
    model_type = "patchtsmixer"
    attribute_map = {"hidden_size": "d_model", "num_hidden_layers": "num_layers"}
    eager_only = True
    defaults = dict(
        context_length=32,
        patch_length=8,
        num_input_channels=1,
        patch_stride=8,
        d_model=8,
        expansion_factor=2,
        num_layers=3,
        dropout=0.2,
        mode="common_channel",
        gated_attn=True,
        norm_mlp="LayerNorm",
        self_attn=False,
        self_attn_heads=1,
        use_positional_encoding=False,
        positional_encoding_type="sincos",
        scaling="std",
        loss="mse",
        norm_eps=1e-5,
        mask_type="random",
        random_mask_ratio=0.5,
        mask_value=0,
        masked_loss=True,
        channel_consistent_masking=True,
        unmasked_channel_indices=None,
        head_dropout=0.2,
        prediction_length=16,
        prediction_channel_indices=None,
        num_targets=3,
        output_range=None,
        head_aggregation="max_pool",
    )

    def complete(self, given):
        if self.context_length <= self.patch_length:
            raise ValueError(f"context_length {self.context_length} is not greater than patch_length {self.patch_length}")
        self.num_patches = (self.context_length - self.patch_length) // self.patch_stride + 1
        self.attention_dropout = self.dropout
        #: Whether heads see the mean and the deviation that the series were brought to.
        self.scaled = self.scaling in ("std", "mean", True)


class PatchTSMixerGatedAttention(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.attn_layer = nn.Linear(size, size)
        self.attn_softmax = nn.Softmax(dim=-1)

    def forward(self, x):
        weights = self.attn_softmax(self.attn_layer(x))
        return x * weights


class PatchTSMixerBatchNorm(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.batchnorm = nn.BatchNorm1d(config.d_model, eps=config.norm_eps)

    def forward(self, x):
        return self.batchnorm(x.transpose(1, 2)).transpose(1, 2)


class PatchTSMixerNormLayer(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.batched = "batch" in config.norm_mlp.lower()
        self.norm = PatchTSMixerBatchNorm(config) if self.batched else nn.LayerNorm(config.d_model, eps=config.norm_eps)

    def forward(self, x):
        if not self.batched:
            return self.norm(x)
        flat = torch.reshape(x, (x.shape[0] * x.shape[1], x.shape[2], x.shape[3]))
        return torch.reshape(self.norm(flat), x.shape)


class PatchTSMixerMLP(nn.Module):
    def __init__(self, config, size):
        super().__init__()
        self.fc1 = nn.Linear(size, size * config.expansion_factor)
        self.dropout1 = nn.Dropout(config.dropout)
        self.fc2 = nn.Linear(size * config.expansion_factor, size)
        self.dropout2 = nn.Dropout(config.dropout)

    def forward(self, x):
        x = self.dropout1(nn.functional.gelu(self.fc1(x)))
        x = self.fc2(x)
        return self.dropout2(x)


class Mixer(nn.Module):
    """A norm, a perceptron over one axis of `size`, a gate, and the residual."""

    def __init__(self, config, size):
        super().__init__()
        self.config = config
        self.norm = PatchTSMixerNormLayer(config)
        self.mlp = PatchTSMixerMLP(config, size)
        if config.gated_attn:
            self.gating_block = PatchTSMixerGatedAttention(size)

    def gated(self, x):
        return self.gating_block(x) if self.config.gated_attn else x


class FeatureMixerBlock(Mixer):
    def __init__(self, config):
        super().__init__(config, config.d_model)

    def forward(self, x):
        mixed = self.norm(x)
        mixed = self.mlp(mixed)
        mixed = self.gated(mixed)
        return mixed + x


class ChannelMixerBlock(Mixer):
    def __init__(self, config):
        super().__init__(config, config.num_input_channels)

    def forward(self, x):
        mixed = self.norm(x)
        mixed = mixed.permute(0, 3, 2, 1)
        mixed = self.gated(mixed)
        mixed = self.mlp(mixed)
        mixed = mixed.permute(0, 3, 2, 1)
        return mixed + x


class PatchMixerBlock(Mixer):
    """Over the patches; beside attention where the config says so."""

    def __init__(self, config):
        super().__init__(config, config.num_patches)
        if config.self_attn:
            self.self_attn_layer = BartAttention(config, config.self_attn_heads)
            self.norm_attn = PatchTSMixerNormLayer(config)

    def forward(self, x):
        mixed = self.norm(x)
        if self.config.self_attn:
            batch, channels, count, size = mixed.shape
            flat = mixed.reshape(batch * channels, count, size)
            seen, weights = self.self_attn_layer(flat)
            seen = seen.reshape(batch, channels, count, size)
        mixed = mixed.transpose(2, 3)
        mixed = self.mlp(mixed)
        mixed = self.gated(mixed)
        mixed = mixed.transpose(2, 3)
        if self.config.self_attn:
            mixed = self.norm_attn(mixed + seen)
        return mixed + x


class PatchTSMixerLayer(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.patch_mixer = PatchMixerBlock(config)
        self.feature_mixer = FeatureMixerBlock(config)
        self.across = config.mode == "mix_channel"
        if self.across:
            self.channel_feature_mixer = ChannelMixerBlock(config)

    def forward(self, x):
        if self.across:
            x = self.channel_feature_mixer(x)
        x = self.patch_mixer(x)
        return self.feature_mixer(x)


class PatchTSMixerBlock(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.mixers = nn.ModuleList([PatchTSMixerLayer(config) for _ in range(config.num_layers)])

    def forward(self, x):
        for mixer in self.mixers:
            x = mixer(x)
        return x


class PatchTSMixerPositionalEncoding(nn.Module):
    def __init__(self, config):
        super().__init__()
        if config.positional_encoding_type not in ("random", "sincos"):
            raise ValueError(f"positional_encoding_type {config.positional_encoding_type!r} is neither 'random' nor 'sincos'")
        learned = config.positional_encoding_type == "random"
        self.position_enc = nn.Parameter(torch.zeros(config.num_patches, config.d_model), requires_grad=learned)

    def forward(self, x):
        return x + self.position_enc


class PatchTSMixerEncoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.patcher = nn.Linear(config.patch_length, config.d_model)
        self.positional_encoder = PatchTSMixerPositionalEncoding(config) if config.use_positional_encoding else None
        self.mlp_mixer_encoder = PatchTSMixerBlock(config)

    def forward(self, patches):
        x = self.patcher(patches)
        if self.positional_encoder is not None:
            x = self.positional_encoder(x)
        return self.mlp_mixer_encoder(x)


class PatchTSMixerModel(Model):
    def __init__(self, config, hides=False):
        super().__init__(config)
        self.encoder = PatchTSMixerEncoder(config)
        self.patching = PatchTSTPatchify(config)
        self.masking = PatchTSMixerMasking(config) if hides else None
        named = {"mean": MeanScaler, "std": StdScaler, True: StdScaler}
        self.scaler = named.get(config.scaling, NoScaler)()

    def inputs(self):
        return {"past_values": f"float32[B, {self.config.context_length}, {self.config.num_input_channels}]"}

    def forward(self, past_values=None, observed_mask=None, **kwargs):
        if observed_mask is None:
            observed_mask = torch.ones_like(past_values)
        scaled, mean, scale = self.scaler(past_values, observed_mask)
        patches = self.patching(scaled)
        seen, mask = (patches, None) if self.masking is None else self.masking(patches)
        x = self.encoder(seen)
        return Output(last_hidden_state=x, patch_input=patches, mask=mask, loc=mean, scale=scale)


class Headed(Model):
    hides = False

    def __init__(self, config):
        super().__init__(config)
        if config.loss != "mse":
            raise NotImplementedError(f"a head for loss {config.loss!r} is not defined here")
        self.model = PatchTSMixerModel(config, self.hides)

    def inputs(self):
        return self.model.inputs()


class PatchTSMixerPretrainHead(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.dropout_layer = nn.Dropout(config.head_dropout)
        self.base_pt_block = nn.Linear(config.d_model, config.patch_length)

    def forward(self, x):
        return self.base_pt_block(self.dropout_layer(x))


class PatchTSMixerForPretraining(Headed):
    """Hidden patches are told from the others; the loss comes with every call."""

    hides = True

    def __init__(self, config):
        super().__init__(config)
        self.head = PatchTSMixerPretrainHead(config)

    def forward(self, past_values=None, observed_mask=None, return_loss=True, **kwargs):
        out = self.model(past_values, observed_mask)
        values = self.head(out.last_hidden_state)
        loss = None
        if return_loss and self.config.masked_loss:
            loss = nn.functional.mse_loss(values, out.patch_input, reduction="none")
            loss = (loss.mean(dim=-1) * out.mask).sum() / (out.mask.sum() + 1e-10)
        elif return_loss:
            loss = nn.functional.mse_loss(values, out.patch_input)
        return Output(loss=loss, prediction_outputs=values, last_hidden_state=out.last_hidden_state)


class PatchTSMixerForPredictionHead(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.dropout_layer = nn.Dropout(config.head_dropout)
        self.base_forecast_block = nn.Linear(config.num_patches * config.d_model, config.prediction_length)
        self.flatten = nn.Flatten(start_dim=-2)

    def forward(self, x):
        x = self.flatten(x)
        x = self.dropout_layer(x)
        return self.base_forecast_block(x).transpose(-1, -2)


class PatchTSMixerForPrediction(Headed):
    def __init__(self, config):
        super().__init__(config)
        self.head = PatchTSMixerForPredictionHead(config)

    def targets(self):
        return {"future_values": f"float32[B, {self.config.prediction_length}, {self.config.num_input_channels}]"}

    def forward(self, past_values=None, observed_mask=None, future_values=None, **kwargs):
        out = self.model(past_values, observed_mask)
        values, mean, scale = self.head(out.last_hidden_state), out.loc, out.scale
        chosen = self.config.prediction_channel_indices
        if chosen is not None:
            chosen = sorted(chosen)
            values, mean, scale = values[..., chosen], mean[..., chosen], scale[..., chosen]
            future_values = None if future_values is None else future_values[..., chosen]
        values = values * scale + mean
        loss = None if future_values is None else nn.functional.mse_loss(values, future_values)
        return Output(loss=loss, prediction_outputs=values, last_hidden_state=out.last_hidden_state, loc=mean, scale=scale)


class Told(Headed):
    """What a whole series says."""

    def __init__(self, config):
        super().__init__(config)
        self.inject_scale = InjectScalerStatistics4D(config) if config.scaled else None
        self.head = PatchTSMixerLinearHead(config)

    def said(self, past_values):
        out = self.model(past_values)
        x = out.last_hidden_state
        if self.inject_scale is not None:
            x = self.inject_scale(x, out.loc, out.scale)
        return self.head(x), x


class PatchTSMixerForTimeSeriesClassification(Told):
    def targets(self):
        return {"target_values": "int64[B]"}

    def forward(self, past_values=None, target_values=None, **kwargs):
        logits, x = self.said(past_values)
        loss = None if target_values is None else nn.functional.cross_entropy(logits, target_values)
        return Output(loss=loss, prediction_outputs=logits, last_hidden_state=x)


class PatchTSMixerForRegression(Told):
    def targets(self):
        return {"target_values": f"float32[B, {self.config.num_targets}]"}

    def forward(self, past_values=None, target_values=None, **kwargs):
        values, x = self.said(past_values)
        loss = None if target_values is None else nn.functional.mse_loss(values, target_values)
        return Output(loss=loss, regression_outputs=values, last_hidden_state=x)
