"""YOLOS: a ViT with tokens besides the patches, each of which finds one object."""
import torch
from torch import nn

from .parts.config import Config
from .parts.heads import ImageModel
from .parts.output import Output
from .parts.patches import PatchEmbeddings
from .videomae import VideoMAELayer


class YolosConfig(Config):
    model_type = "yolos"
    whole_heads = True
    defaults = dict(
        hidden_size=768,
        num_hidden_layers=12,
        num_attention_heads=12,
        intermediate_size=3072,
        hidden_act="gelu",
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        layer_norm_eps=1e-12,
        image_size=[512, 864],
        patch_size=16,
        num_channels=3,
        qkv_bias=True,
        num_detection_tokens=100,
        use_mid_position_embeddings=True,
    )


def resized(grid, config, size):
    """`[N, hidden, patches]` of the config's image for another one."""
    height, width = (one // config.patch_size for one in config.image_size)
    grid = grid.view(*grid.shape[:-1], height, width)
    wanted = (size[0] // config.patch_size, size[1] // config.patch_size)
    return nn.functional.interpolate(grid, size=wanted, mode="bicubic", align_corners=False)


class FirstPositions(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config

    def forward(self, places, size):
        found = self.config.num_detection_tokens
        first = places[:, 0, :][:, None]
        grid = resized(places[:, 1:-found, :].transpose(1, 2), self.config, size)
        grid = grid.flatten(2).transpose(1, 2)
        return torch.cat((first, grid, places[:, -found:, :]), dim=1)


class MidPositions(nn.Module):
    """The positions that are added between the layers, `[layers - 1, 1, tokens, hidden]`."""

    def __init__(self, config):
        super().__init__()
        self.config = config

    def forward(self, places, size):
        found = self.config.num_detection_tokens
        first = places[:, :, 0, :][:, None]
        grid = places[:, :, 1:-found, :].transpose(2, 3)
        depth, batch, hidden, _ = grid.shape
        grid = resized(grid.view(depth * batch, hidden, -1), self.config, size)
        grid = grid.flatten(2).transpose(1, 2).contiguous().view(depth, batch, -1, hidden)
        return torch.cat((first, grid, places[:, :, -found:, :]), dim=2)


class YolosEmbeddings(nn.Module):
    def __init__(self, config):
        super().__init__()
        size, found = config.hidden_size, config.num_detection_tokens
        self.cls_token = nn.Parameter(torch.zeros(1, 1, size))
        self.detection_tokens = nn.Parameter(torch.zeros(1, found, size))
        self.patch_embeddings = PatchEmbeddings(config)
        self.position_embeddings = nn.Parameter(torch.zeros(1, self.patch_embeddings.num_patches + found + 1, size))
        self.dropout = nn.Dropout(config.hidden_dropout_prob)
        self.interpolation = FirstPositions(config)

    def forward(self, pixel_values):
        x = self.patch_embeddings(pixel_values)
        first, objects = (one.expand(x.shape[0], -1, -1) for one in (self.cls_token, self.detection_tokens))
        x = torch.cat((first, x, objects), dim=1)
        places = self.interpolation(self.position_embeddings, pixel_values.shape[2:])
        x = x + places
        return self.dropout(x)


class YolosEncoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        count = config.num_hidden_layers
        self.layer = nn.ModuleList([VideoMAELayer(config) for _ in range(count)])
        self.mid_position_embeddings = self.interpolation = None
        if config.use_mid_position_embeddings:
            tokens = 1 + config.image_size[0] * config.image_size[1] // config.patch_size**2 + config.num_detection_tokens
            self.mid_position_embeddings = nn.Parameter(torch.zeros(count - 1, 1, tokens, config.hidden_size))
            self.interpolation = MidPositions(config)

    def forward(self, x, size):
        places = None
        if self.interpolation is not None:
            places = self.interpolation(self.mid_position_embeddings, size)
        for i, layer in enumerate(self.layer):
            x = layer(x)
            if places is not None and i < len(self.layer) - 1:
                x = x + places[i]
        return x


class YolosPooler(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.dense = nn.Linear(config.hidden_size, config.hidden_size)
        self.activation = nn.Tanh()

    def forward(self, x):
        return self.activation(self.dense(x[:, 0]))


class YolosModel(ImageModel):
    def __init__(self, config, pooling=True):
        super().__init__(config)
        self.embeddings = YolosEmbeddings(config)
        self.encoder = YolosEncoder(config)
        self.layernorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.pooler = YolosPooler(config) if pooling else None

    def forward(self, pixel_values=None, **kwargs):
        embedded = self.embeddings(pixel_values)
        encoded = self.encoder(embedded, pixel_values.shape[2:])
        x = self.layernorm(encoded)
        return Output(last_hidden_state=x, pooler_output=None if self.pooler is None else self.pooler(x))


class YolosMLPPredictionHead(nn.Module):
    def __init__(self, size, out):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(size, size), nn.Linear(size, size), nn.Linear(size, out)])

    def forward(self, x):
        for layer in self.layers[:-1]:
            x = nn.functional.relu(layer(x))
        return self.layers[-1](x)


class YolosForObjectDetection(ImageModel):
    """A class and a box for each detection token; the loss, which matches them with objects, is not known here."""

    def __init__(self, config):
        super().__init__(config)
        self.vit = YolosModel(config, pooling=False)
        self.class_labels_classifier = YolosMLPPredictionHead(config.hidden_size, config.num_labels + 1)
        self.bbox_predictor = YolosMLPPredictionHead(config.hidden_size, 4)

    def forward(self, pixel_values=None, labels=None, **kwargs):
        if labels is not None:
            raise ValueError("the loss of object detection is not known")
        out = self.vit(pixel_values)
        x = out.last_hidden_state[:, -self.config.num_detection_tokens :, :]
        logits = self.class_labels_classifier(x)
        boxes = self.bbox_predictor(x).sigmoid()
        return Output(logits=logits, pred_boxes=boxes, last_hidden_state=out.last_hidden_state)
