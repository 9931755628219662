"""DPT: a ViT, or a backbone, whose layers become maps of four sizes that are fused into one as large as half the image."""
import torch
from torch import nn

from .parts.attention import attend, split_heads
from .parts.backbone import backbone_config, backbone_of
from .parts.block import Block
from .parts.config import Config
from .parts.dense import Dense
from .parts.encoder import Intermediate
from .parts.fusion import Neck
from .parts.heads import ImageModel
from .parts.masks import is_eager
from .parts.output import Output
from .parts.patches import PatchEmbeddings, pair
from .parts.pyramid import segmentation_loss
from .vit import ViTPooler


class DPTConfig(Config):
    model_type = "dpt"
    defaults = dict(
        hidden_size=768,
        num_hidden_layers=12,
        num_attention_heads=12,
        intermediate_size=3072,
        hidden_act="gelu",
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        layer_norm_eps=1e-12,
        image_size=384,
        patch_size=16,
        num_channels=3,
        is_hybrid=False,
        qkv_bias=True,
        backbone_out_indices=[2, 5, 8, 11],
        readout_type="project",
        reassemble_factors=[4, 2, 1, 0.5],
        neck_hidden_sizes=[96, 192, 384, 768],
        fusion_hidden_size=256,
        head_in_index=-1,
        use_batch_norm_in_fusion_residual=False,
        use_bias_in_fusion_residual=None,
        add_projection=False,
        use_auxiliary_head=True,
        auxiliary_loss_weight=0.4,
        semantic_loss_ignore_index=255,
        semantic_classifier_dropout=0.1,
        backbone_featmap_shape=[1, 1024, 24, 24],
        neck_ignore_stages=[0, 1],
        backbone_config=None,
        pooler_act="tanh",
    )

    def complete(self, given):
        if self.readout_type not in ("ignore", "add", "project"):
            raise ValueError(f"readout_type {self.readout_type!r} is none of ignore, add, project")
        own = self.backbone_config
        if self.is_hybrid and self.readout_type != "project":
            raise ValueError(f"readout_type {self.readout_type!r} is not project, which is_hybrid needs")
        if self.is_hybrid:
            own = {"model_type": "bit", **own} if own else hybrid()
        elif own is None and given.get("backbone"):
            own = {"model_type": "timm_backbone", "backbone": given["backbone"], **(given.get("backbone_kwargs") or {})}
        self.backbone_config = None if own is None else backbone_config(own)
        if isinstance(self.backbone_config, dict):
            raise ValueError(f"timm backbone {own.get('backbone')!r} is not among those that are known for DPT")
        self.neck_ignore_stages = self.neck_ignore_stages if self.is_hybrid else []
        self.pooler_output_size = self.pooler_output_size or self.hidden_size

    def width(self):
        """How wide the tokens are that the neck reads."""
        own = self.backbone_config
        return self.hidden_size if own is None else own.hidden_size or self.hidden_size


def hybrid():
    """The BiT that stands below a hybrid's ViT where the config gives none."""
    return {
        "model_type": "bit",
        "global_padding": "same",
        "layer_type": "bottleneck",
        "depths": [3, 4, 9],
        "out_features": ["stage1", "stage2", "stage3"],
        "embedding_dynamic_padding": True,
    }


def stretched(places, height, width):
    """Learned positions at the image's size, the class token's first."""
    first, grid = places[:, :1], places[0, 1:]
    side = int(grid.shape[0] ** 0.5)
    grid = grid.reshape(1, side, side, -1).permute(0, 3, 1, 2)
    grid = nn.functional.interpolate(grid, size=(height, width), mode="bilinear")
    grid = grid.permute(0, 2, 3, 1).reshape(1, height * width, -1)
    return torch.cat([first, grid], dim=1)


class DPTEmbeddings(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.patch = pair(config.patch_size)[0]
        self.cls_token = nn.Parameter(torch.zeros(1, 1, config.hidden_size))
        self.patch_embeddings = PatchEmbeddings(config)
        self.position_embeddings = nn.Parameter(torch.zeros(1, self.patch_embeddings.num_patches + 1, config.hidden_size))
        self.dropout = nn.Dropout(config.hidden_dropout_prob)

    def forward(self, image):
        """The tokens, and the maps that the neck reads besides."""
        places = stretched(self.position_embeddings, image.shape[2] // self.patch, image.shape[3] // self.patch)
        x = self.patch_embeddings(image)
        x = torch.cat((self.cls_token.expand(x.shape[0], -1, -1), x), dim=1)
        x = x + places
        return self.dropout(x), []


class DPTHybridEmbeddings(nn.Module):
    """A backbone's last map as tokens; the two before it go to the neck."""

    def __init__(self, config):
        super().__init__()
        self.image_size, self.patch = pair(config.image_size), pair(config.patch_size)[0]
        count = (self.image_size[0] // self.patch) * (self.image_size[1] // self.patch) + 1
        self.backbone = backbone_of(config.backbone_config)
        if len(self.backbone.channels) != 3:
            raise ValueError(f"the backbone gives {len(self.backbone.channels)} maps, but is_hybrid needs 3")
        self.projection = nn.Conv2d(config.backbone_featmap_shape[1], config.hidden_size, kernel_size=1)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, config.hidden_size))
        self.position_embeddings = nn.Parameter(torch.zeros(1, count, config.hidden_size))

    def forward(self, image):
        size, own = tuple(image.shape[2:]), self.image_size
        if size != own:
            raise ValueError(f"the image is {size[0]}×{size[1]}, but image_size is {own[0]}×{own[1]}")
        places = stretched(self.position_embeddings, size[0] // self.patch, size[1] // self.patch)
        maps = self.backbone(image).feature_maps
        x = self.projection(maps[-1]).flatten(2).transpose(1, 2)
        x = torch.cat((self.cls_token.expand(x.shape[0], -1, -1), x), dim=1)
        return x + places, [maps[0], maps[1]]


class DPTSelfAttention(nn.Module):
    def __init__(self, config):
        super().__init__()
        size = config.hidden_size
        if size % config.num_attention_heads != 0:
            raise ValueError(f"hidden_size {size} is not a multiple of num_attention_heads {config.num_attention_heads}")
        self.config, self.head_dim = config, size // config.num_attention_heads
        self.query = nn.Linear(size, size, bias=config.qkv_bias)
        self.key = nn.Linear(size, size, bias=config.qkv_bias)
        self.value = nn.Linear(size, size, bias=config.qkv_bias)

    def forward(self, x):
        key, value, query = (split_heads(proj(x), self.head_dim) for proj in (self.key, self.value, self.query))
        dropout = self.config.attention_probs_dropout_prob if self.training else 0.0
        eager = is_eager(self.config)
        out, weights = attend(query, key, value, None, False, self.head_dim**-0.5, dropout, eager, wide=False)
        return out.reshape(*x.shape[:-1], -1), weights


class DPTAttention(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.attention = DPTSelfAttention(config)
        self.output = Dense(config.hidden_size, config.hidden_size, config.hidden_dropout_prob)

    def forward(self, x):
        out, weights = self.attention(x)
        return self.output(out)


class DPTLayer(Block):
    def __init__(self, config):
        super().__init__()
        self.attention = DPTAttention(config)
        self.intermediate = Intermediate(config)
        self.output = Dense(config.intermediate_size, config.hidden_size, config.hidden_dropout_prob)
        self.layernorm_before = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.layernorm_after = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)

    def forward(self, x):
        normed = self.layernorm_before(x)
        out = self.attention(normed)
        x = out + x
        inner = self.layernorm_after(x)
        inner = self.intermediate(inner)
        return self.output(inner, x)


class DPTEncoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.layer = nn.ModuleList([DPTLayer(config) for _ in range(config.num_hidden_layers)])

    def forward(self, x, states=None):
        """`states`: a list for what each layer reads and what the last one gives."""
        for layer in self.layer:
            if states is not None:
                states.append(x)
            x = layer(x)
        if states is not None:
            states.append(x)
        return x


class DPTModel(ImageModel):
    def __init__(self, config, pooling=True):
        super().__init__(config)
        self.embeddings = DPTHybridEmbeddings(config) if config.is_hybrid else DPTEmbeddings(config)
        self.encoder = DPTEncoder(config)
        self.layernorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.pooler = ViTPooler(config) if pooling else None

    def forward(self, pixel_values=None, states=None, **kwargs):
        embedded, maps = self.embeddings(pixel_values)
        encoded = self.encoder(embedded, states)
        x = self.layernorm(encoded)
        return Output(last_hidden_state=x, pooler_output=None if self.pooler is None else self.pooler(x), maps=maps)

    def maps(self, pixel_values):
        """What the neck reads: the layers that the config names, behind a hybrid's own maps."""
        states, config = [], self.config
        out = self(pixel_values, states)
        wanted = config.backbone_out_indices[len(out.maps) :]
        return out, states, out.maps + [state for i, state in enumerate(states[1:]) if i in wanted]


class DepthHead(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.index, size = config.head_in_index, config.fusion_hidden_size
        self.projection = nn.Conv2d(256, 256, kernel_size=3, padding=1) if config.add_projection else None
        self.head = nn.Sequential(
            nn.Conv2d(size, size // 2, kernel_size=3, padding=1),
            nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True),
            nn.Conv2d(size // 2, 32, kernel_size=3, padding=1),
            nn.ReLU(),
            nn.Conv2d(32, 1, kernel_size=1),
            nn.ReLU(),
        )

    def forward(self, maps):
        x = maps[self.index]
        if self.projection is not None:
            x = nn.functional.relu(self.projection(x))
        x = self.head(x)
        return x.squeeze(dim=1)


class DPTForDepthEstimation(ImageModel):
    def __init__(self, config):
        super().__init__(config)
        self.backbone = None
        if config.backbone_config is not None and not config.is_hybrid:
            self.backbone = backbone_of(config.backbone_config)
        else:
            self.dpt = DPTModel(config, pooling=False)
        self.neck = Neck(config)
        self.head = DepthHead(config)

    def forward(self, pixel_values=None, labels=None, **kwargs):
        if labels is not None:
            raise ValueError("depth estimation computes no loss")
        grid = None
        if self.backbone is None:
            out, states, maps = self.dpt.maps(pixel_values)
        else:
            states = []
            out = self.backbone(pixel_values, states=states)
            maps, patch = out.feature_maps, self.config.backbone_config.patch_size
            grid = [size // patch for size in pixel_values.shape[2:]]
        maps = self.neck(maps, grid)
        return Output(predicted_depth=self.head(maps))


class SegmentationHead(nn.Module):
    def __init__(self, config, dropout, grows):
        super().__init__()
        size = config.fusion_hidden_size
        last = [nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True)] if grows else []
        self.head = nn.Sequential(
            nn.Conv2d(size, size, kernel_size=3, padding=1, bias=False),
            nn.BatchNorm2d(size),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Conv2d(size, config.num_labels, kernel_size=1),
            *last,
        )

    def forward(self, x):
        return self.head(x)


class DPTForSemanticSegmentation(ImageModel):
    def __init__(self, config):
        super().__init__(config)
        self.dpt = DPTModel(config, pooling=False)
        self.neck = Neck(config)
        self.head = SegmentationHead(config, config.semantic_classifier_dropout, True)
        self.auxiliary_head = SegmentationHead(config, 0.1, False) if config.use_auxiliary_head else None

    def targets(self):
        size = self.config.image_size
        return {"labels": f"int64[B, {size}, {size}]"}

    def forward(self, pixel_values=None, labels=None, **kwargs):
        out, states, maps = self.dpt.maps(pixel_values)
        maps = self.neck(maps)
        logits = self.head(maps[self.config.head_in_index])
        other = None if self.auxiliary_head is None else self.auxiliary_head(maps[-1])
        loss = None if labels is None else segmentation_loss(logits, other, labels, self.config)
        return Output(loss=loss, logits=logits)
