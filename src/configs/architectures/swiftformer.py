"""SwiftFormer: convolutions, and at each stage's end an attention whose cost grows with the image only linearly."""
import torch
from torch import nn

from .parts.activations import activation
from .parts.block import Block
from .parts.config import Config
from .parts.depth import DropPath
from .parts.heads import ImageModel
from .parts.losses import classification_loss
from .parts.output import Output


class SwiftFormerConfig(Config):
    model_type = "swiftformer"
    defaults = dict(
        image_size=224,
        num_channels=3,
        depths=[3, 3, 6, 4],
        embed_dims=[48, 56, 112, 220],
        mlp_ratio=4,
        downsamples=[True, True, True, True],
        hidden_act="gelu",
        down_patch_size=3,
        down_stride=2,
        down_pad=1,
        drop_path_rate=0.0,
        drop_mlp_rate=0.0,
        drop_conv_encoder_rate=0.0,
        use_layer_scale=True,
        layer_scale_init_value=1e-5,
        batch_norm_eps=1e-5,
    )


class SwiftFormerPatchEmbedding(nn.Module):
    """`[B, C, H, W]` → `[B, width, H / 4, W / 4]`."""

    def __init__(self, config):
        super().__init__()
        size, eps = config.embed_dims[0], config.batch_norm_eps
        self.patch_embedding = nn.Sequential(
            nn.Conv2d(config.num_channels, size // 2, kernel_size=3, stride=2, padding=1),
            nn.BatchNorm2d(size // 2, eps=eps),
            nn.ReLU(),
            nn.Conv2d(size // 2, size, kernel_size=3, stride=2, padding=1),
            nn.BatchNorm2d(size, eps=eps),
            nn.ReLU(),
        )

    def forward(self, x):
        return self.patch_embedding(x)


class SwiftFormerEmbeddings(nn.Module):
    """The step from one stage to the next, smaller and wider."""

    def __init__(self, config, index):
        super().__init__()
        before, size = config.embed_dims[index : index + 2]
        self.proj = nn.Conv2d(before, size, config.down_patch_size, stride=config.down_stride, padding=config.down_pad)
        self.norm = nn.BatchNorm2d(size, eps=config.batch_norm_eps)

    def forward(self, x):
        x = self.proj(x)
        return self.norm(x)


class SwiftFormerConvEncoder(nn.Module):
    """A convolution in each channel and two over the channels; `ratio`: how much wider it is in between."""

    def __init__(self, config, size, ratio, drop_path):
        super().__init__()
        width = int(ratio * size)
        self.depth_wise_conv = nn.Conv2d(size, size, kernel_size=3, padding=1, groups=size)
        self.norm = nn.BatchNorm2d(size, eps=config.batch_norm_eps)
        self.point_wise_conv1 = nn.Conv2d(size, width, kernel_size=1)
        self.act = nn.GELU()
        self.point_wise_conv2 = nn.Conv2d(width, size, kernel_size=1)
        self.drop_path = drop_path
        self.layer_scale = nn.Parameter(torch.ones(size, 1, 1))

    def forward(self, x):
        before = x
        x = self.depth_wise_conv(x)
        x = self.norm(x)
        x = self.point_wise_conv1(x)
        x = self.act(x)
        x = self.point_wise_conv2(x)
        return before + self.drop_path(self.layer_scale * x)


class SwiftFormerMLP(nn.Module):
    def __init__(self, config, size):
        super().__init__()
        width = int(size * config.mlp_ratio)
        self.norm1 = nn.BatchNorm2d(size, eps=config.batch_norm_eps)
        self.fc1 = nn.Conv2d(size, width, 1)
        self.act = activation(config.hidden_act)
        self.fc2 = nn.Conv2d(width, size, 1)
        self.drop = nn.Dropout(config.drop_mlp_rate)

    def forward(self, x):
        x = self.norm1(x)
        x = self.fc1(x)
        x = self.act(x)
        x = self.drop(x)
        x = self.fc2(x)
        return self.drop(x)


class SwiftFormerAttention(nn.Module):
    """All queries summed into one by learned weights, which every key is multiplied with."""

    def __init__(self, size):
        super().__init__()
        self.to_query = nn.Linear(size, size)
        self.to_key = nn.Linear(size, size)
        self.w_g = nn.Parameter(torch.randn(size, 1))
        self.scale = size**-0.5
        self.proj = nn.Linear(size, size)
        self.final = nn.Linear(size, size)

    def forward(self, x):
        query = self.to_query(x)
        key = self.to_key(x)
        query = nn.functional.normalize(query, dim=-1)
        key = nn.functional.normalize(key, dim=-1)
        scores = query @ self.w_g
        weights = scores * self.scale
        weights = weights.softmax(dim=-1)
        together = torch.sum(weights * query, dim=1)
        together = together.unsqueeze(1).repeat(1, key.shape[1], 1)
        out = self.proj(together * key) + query
        return self.final(out)


class SwiftFormerEncoderBlock(nn.Module):
    def __init__(self, config, size, rate):
        super().__init__()
        self.local_representation = SwiftFormerConvEncoder(config, size, 1, nn.Identity())
        self.attn = SwiftFormerAttention(size)
        self.linear = SwiftFormerMLP(config, size)
        self.drop_path = DropPath(rate) if rate > 0.0 else nn.Identity()
        self.scales = config.use_layer_scale
        if self.scales:
            self.layer_scale_1 = nn.Parameter(config.layer_scale_init_value * torch.ones(size, 1, 1))
            self.layer_scale_2 = nn.Parameter(config.layer_scale_init_value * torch.ones(size, 1, 1))

    def forward(self, x):
        x = self.local_representation(x)
        batch, size, height, width = x.shape
        out = self.attn(x.permute(0, 2, 3, 1).reshape(batch, height * width, size))
        out = out.reshape(batch, height, width, size).permute(0, 3, 1, 2)
        if not self.scales:
            x = x + self.drop_path(out)
            return x + self.drop_path(self.linear(x))
        x = x + self.drop_path(self.layer_scale_1 * out)
        return x + self.drop_path(self.layer_scale_2 * self.linear(x))


class SwiftFormerStage(Block):
    def __init__(self, config, index):
        super().__init__()
        size, depth, before = config.embed_dims[index], config.depths[index], sum(config.depths[:index])
        blocks = [
            SwiftFormerConvEncoder(config, size, config.mlp_ratio, nn.Dropout(config.drop_conv_encoder_rate))
            for _ in range(depth - 1)
        ]
        rate = config.drop_path_rate * (before + depth - 1) / (sum(config.depths) - 1)
        self.blocks = nn.ModuleList([*blocks, SwiftFormerEncoderBlock(config, size, rate)])

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return x


class SwiftFormerEncoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        sizes, last = config.embed_dims, len(config.depths) - 1
        self.network = nn.ModuleList([])
        for i in range(last + 1):
            self.network.append(SwiftFormerStage(config, i))
            if i < last and (config.downsamples[i] or sizes[i] != sizes[i + 1]):
                self.network.append(SwiftFormerEmbeddings(config, i))

    def forward(self, x):
        for block in self.network:
            x = block(x)
        return x


class SwiftFormerModel(ImageModel):
    def __init__(self, config):
        super().__init__(config)
        self.patch_embed = SwiftFormerPatchEmbedding(config)
        self.encoder = SwiftFormerEncoder(config)

    def forward(self, pixel_values=None, **kwargs):
        embedded = self.patch_embed(pixel_values)
        return Output(last_hidden_state=self.encoder(embedded))


class SwiftFormerForImageClassification(ImageModel):
    def __init__(self, config):
        super().__init__(config)
        size, classes = config.embed_dims[-1], config.num_labels
        self.swiftformer = SwiftFormerModel(config)
        self.norm = nn.BatchNorm2d(size, eps=config.batch_norm_eps)
        self.head = nn.Linear(size, classes) if classes > 0 else nn.Identity()
        self.dist_head = nn.Linear(size, classes) if classes > 0 else nn.Identity()

    def forward(self, pixel_values=None, labels=None, **kwargs):
        out = self.swiftformer(pixel_values)
        x = self.norm(out.last_hidden_state)
        x = x.flatten(2).mean(-1)
        logits = (self.head(x) + self.dist_head(x)) / 2
        loss = None if labels is None else classification_loss(logits, labels, self.config)
        return Output(loss=loss, logits=logits)
