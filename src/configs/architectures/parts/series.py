"""What time series need besides their mixers: patches hidden at random, statistics told to heads, and a head for whole series."""
import torch
from torch import nn


class PatchTSMixerMasking(nn.Module):
    """Hides a share of the patches, drawn at random."""

    def __init__(self, config):
        super().__init__()
        self.config = config
        if config.mask_type != "random":
            raise NotImplementedError(f"mask_type {config.mask_type!r} is not defined here")

    def forward(self, patches):
        batch, channels, count, size = patches.shape
        kept = int(count * (1 - self.config.random_mask_ratio))
        same = self.config.channel_consistent_masking
        noise = torch.rand(batch, 1 if same else channels, count, device=patches.device)
        if same:
            noise = noise.repeat(1, channels, 1)
        mask = torch.ones(batch, channels, count, device=patches.device)
        mask[:, :, :kept] = 0
        shuffled = torch.argsort(noise, dim=-1)
        restored = torch.argsort(shuffled, dim=-1)
        mask = torch.gather(mask, dim=-1, index=restored)
        mask = mask.unsqueeze(-1).repeat(1, 1, 1, size)
        if self.config.unmasked_channel_indices is not None:
            mask[:, sorted(self.config.unmasked_channel_indices), :, :] = 0
        hidden = patches.masked_fill(mask.bool(), self.config.mask_value)
        return hidden, mask[..., 0].bool()


class InjectScalerStatistics4D(nn.Module):
    """The series' means and deviations, laid beside the features of every patch."""

    def __init__(self, config, expansion=2):
        super().__init__()
        size, self.count = config.d_model, config.num_patches
        self.inverse_trans_expansion = nn.Linear(size + 2, expansion * size)
        self.inverse_trans_compression = nn.Linear(expansion * size, size)
        self.map_scale_expansion = nn.Linear(2, 2 * expansion)
        self.map_scale_compression = nn.Linear(2 * expansion, 2)

    def forward(self, x, mean, scale):
        both = [one.transpose(-1, -2).unsqueeze(-2).repeat(1, 1, self.count, 1) for one in (mean, scale)]
        known = torch.cat(both, dim=-1)
        known = self.map_scale_expansion(known)
        known = self.map_scale_compression(known)
        x = torch.cat([x, known], dim=-1)
        x = self.inverse_trans_expansion(x)
        return self.inverse_trans_compression(x)


class PatchTSMixerLinearHead(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        whole = config.head_aggregation is None
        size = config.d_model * config.num_input_channels * (config.num_patches if whole else 1)
        self.projection = nn.Linear(size, config.num_targets)
        self.flatten = nn.Flatten(start_dim=-3 if whole else -2)
        self.dropout = nn.Dropout(config.head_dropout)

    def forward(self, x):
        x = x.transpose(-1, -2)
        kind, bounds = self.config.head_aggregation, self.config.output_range
        if kind == "use_last":
            x = x[..., -1]
        elif kind == "max_pool":
            x = x.max(dim=-1).values
        elif kind == "avg_pool":
            x = x.mean(dim=-1)
        x = self.flatten(x)
        x = self.dropout(x)
        x = self.projection(x)
        return x if bounds is None else torch.sigmoid(x) * (bounds[1] - bounds[0]) + bounds[0]
