"""DPT's neck: layers of a ViT as maps of several sizes, fused from the smallest to the largest."""
import torch
from torch import nn

from .activations import activation


class Reassemble(nn.Module):
    """Tokens as a map, narrowed, and made larger or smaller."""

    def __init__(self, config, channels, factor):
        super().__init__()
        self.projection = nn.Conv2d(config.width(), channels, kernel_size=1)
        if factor > 1:
            self.resize = nn.ConvTranspose2d(channels, channels, kernel_size=factor, stride=factor)
        elif factor == 1:
            self.resize = nn.Identity()
        else:
            self.resize = nn.Conv2d(channels, channels, kernel_size=3, stride=int(1 / factor), padding=1)

    def forward(self, x):
        x = self.projection(x)
        return self.resize(x)


class ReassembleStage(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config, size = config, config.width()
        self.layers, projects = nn.ModuleList(), nn.ModuleList()
        for i, factor in zip(range(len(config.neck_hidden_sizes)), config.reassemble_factors):
            passes = config.is_hybrid and i <= 1
            self.layers.append(nn.Identity() if passes else Reassemble(config, config.neck_hidden_sizes[i], factor))
        for i in range(len(config.neck_hidden_sizes)):
            passes = config.is_hybrid and i <= 1
            projects.append(nn.Sequential(nn.Identity()) if passes else nn.Sequential(nn.Linear(2 * size, size), activation(config.hidden_act)))
        if config.readout_type == "project":
            self.readout_projects = projects

    def forward(self, maps, grid=None):
        out = []
        for i, x in enumerate(maps):
            if i not in self.config.neck_ignore_stages:
                first, x = x[:, 0], x[:, 1:]
                batch, length, size = x.shape
                height, width = grid or (int(length**0.5), int(length**0.5))
                x = x.reshape(batch, height, width, size)
                x = x.permute(0, 3, 1, 2).contiguous()
                shape = x.shape
                if self.config.readout_type == "project":
                    x = x.flatten(2).permute((0, 2, 1))
                    readout = first.unsqueeze(1).expand_as(x)
                    x = self.readout_projects[i](torch.cat((x, readout), -1))
                    x = x.permute(0, 2, 1).reshape(shape)
                elif self.config.readout_type == "add":
                    x = x.flatten(2) + first.unsqueeze(-1)
                    x = x.reshape(shape)
                x = self.layers[i](x)
            out.append(x)
        return out


class ResidualUnit(nn.Module):
    def __init__(self, config):
        super().__init__()
        size, self.normed = config.fusion_hidden_size, config.use_batch_norm_in_fusion_residual
        bias = config.use_bias_in_fusion_residual
        bias = not self.normed if bias is None else bias
        self.activation1 = nn.ReLU()
        self.convolution1 = nn.Conv2d(size, size, kernel_size=3, padding=1, bias=bias)
        self.activation2 = nn.ReLU()
        self.convolution2 = nn.Conv2d(size, size, kernel_size=3, padding=1, bias=bias)
        if self.normed:
            self.batch_norm1 = nn.BatchNorm2d(size)
            self.batch_norm2 = nn.BatchNorm2d(size)

    def forward(self, x):
        before = x
        x = self.activation1(x)
        x = self.convolution1(x)
        if self.normed:
            x = self.batch_norm1(x)
        x = self.activation2(x)
        x = self.convolution2(x)
        if self.normed:
            x = self.batch_norm2(x)
        return x + before


class FusionLayer(nn.Module):
    """The map so far and the next larger one, at twice the size."""

    def __init__(self, config):
        super().__init__()
        size = config.fusion_hidden_size
        self.projection = nn.Conv2d(size, size, kernel_size=1)
        self.residual_layer1 = ResidualUnit(config)
        self.residual_layer2 = ResidualUnit(config)

    def forward(self, x, larger=None):
        if larger is not None:
            if x.shape != larger.shape:
                larger = nn.functional.interpolate(larger, size=x.shape[2:], mode="bilinear", align_corners=False)
            x = x + self.residual_layer1(larger)
        x = self.residual_layer2(x)
        x = nn.functional.interpolate(x, scale_factor=2, mode="bilinear", align_corners=True)
        return self.projection(x)


class FusionStage(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.layers = nn.ModuleList([FusionLayer(config) for _ in config.neck_hidden_sizes])

    def forward(self, maps):
        out, x = [], None
        for one, layer in zip(maps[::-1], self.layers):
            x = layer(one) if x is None else layer(x, one)
            out.append(x)
        return out


class Neck(nn.Module):
    def __init__(self, config):
        super().__init__()
        own = config.backbone_config
        images = own is not None and own.model_type == "swinv2"
        self.reassemble_stage = None if images else ReassembleStage(config)
        size = config.fusion_hidden_size
        self.convs = nn.ModuleList([nn.Conv2d(one, size, kernel_size=3, padding=1, bias=False) for one in config.neck_hidden_sizes])
        self.fusion_stage = FusionStage(config)

    def forward(self, maps, grid=None):
        if len(maps) != len(self.convs):
            raise ValueError(f"there are {len(maps)} maps, but neck_hidden_sizes has {len(self.convs)} values")
        if self.reassemble_stage is not None:
            maps = self.reassemble_stage(maps, grid)
        narrowed = [self.convs[i](one) for i, one in enumerate(maps)]
        return self.fusion_stage(narrowed)
