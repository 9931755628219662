"""DETR: a ResNet's last map, encoded, and a decoder whose learned queries each find one object in it."""
import math

import torch
from torch import nn

from .parts.activations import activation
from .parts.attention import attend, split_heads
from .parts.backbone import backbone_config, backbone_of
from .parts.block import Block
from .parts.config import Config
from .parts.heads import Model
from .parts.masks import is_eager, padding_mask
from .parts.output import Output
from .parts.query_masks import AttentionMap, MaskHead


class DetrConfig(Config):
    model_type = "detr"
    attribute_map = {
        "hidden_size": "d_model",
        "num_attention_heads": "encoder_attention_heads",
        "num_hidden_layers": "encoder_layers",
    }
    defaults = dict(
        backbone_config=None,
        num_channels=3,
        num_queries=100,
        encoder_layers=6,
        encoder_ffn_dim=2048,
        encoder_attention_heads=8,
        decoder_layers=6,
        decoder_ffn_dim=2048,
        decoder_attention_heads=8,
        is_encoder_decoder=True,
        activation_function="relu",
        d_model=256,
        dropout=0.1,
        attention_dropout=0.0,
        activation_dropout=0.0,
        auxiliary_loss=False,
        position_embedding_type="sine",
        dilation=False,
    )

    def complete(self, given):
        for heads in (self.encoder_attention_heads, self.decoder_attention_heads):
            if self.d_model % heads != 0:
                raise ValueError(f"d_model {self.d_model} is not a multiple of {heads} attention heads")
        if self.position_embedding_type not in ("sine", "learned"):
            raise ValueError(f"position_embedding_type {self.position_embedding_type!r} is neither sine nor learned")
        self.backbone_config = backbone_config(self.backbone_config or self.timm(given))

    def timm(self, given):
        """The timm network that `backbone` names, a ResNet-50 where it names none."""
        values = {"model_type": "timm_backbone", "backbone": given.get("backbone") or "resnet50"}
        own = given.get("backbone_kwargs") or {}
        if own or not given.get("use_timm_backbone", True):
            return {**values, **own}
        return {**values, "num_channels": self.num_channels, "out_indices": [1, 2, 3, 4], "output_stride": 16 if self.dilation else None}


class FrozenNorm(nn.Module):
    """Batch norm whose statistics and scale never change."""

    def __init__(self, size):
        super().__init__()
        for name, start in (("weight", 1.0), ("bias", 0.0), ("running_mean", 0.0), ("running_var", 1.0)):
            self.register_buffer(name, torch.full((size,), start))

    def forward(self, x):
        weight = self.weight.reshape(1, -1, 1, 1)
        bias = self.bias.reshape(1, -1, 1, 1)
        variance = self.running_var.reshape(1, -1, 1, 1)
        mean = self.running_mean.reshape(1, -1, 1, 1)
        scale = weight * (variance + 1e-5).rsqrt()
        bias = bias - mean * scale
        return x * scale + bias


def freeze_norms(module):
    for name, child in list(module.named_children()):
        if isinstance(child, nn.BatchNorm2d):
            setattr(module, name, FrozenNorm(child.num_features))
        else:
            freeze_norms(child)


class DetrConvEncoder(nn.Module):
    """The backbone's maps, each with a mask of where there is an image."""

    def __init__(self, config):
        super().__init__()
        self.model = backbone_of(config.backbone_config)
        freeze_norms(self.model)
        own = config.backbone_config
        if not isinstance(own, dict) and "resnet" in own.model_type:
            for parameter in self.model.parameters():
                parameter.requires_grad_(False)

    def forward(self, image, image_mask):
        maps = self.model(image)
        if isinstance(maps, dict):
            maps = maps.feature_maps
        out = []
        for one in maps:
            mask = nn.functional.interpolate(image_mask[None].float(), size=one.shape[-2:]).to(torch.bool)[0]
            out.append((one, mask))
        return out


class SinePositions(nn.Module):
    """Waves of many lengths over rows and columns, `[B, 2 · half, rows, columns]`."""

    def __init__(self, half):
        super().__init__()
        self.half = half

    def forward(self, x, dtype, mask):
        seen = mask.to(dtype)
        rows, columns = seen.cumsum(1), seen.cumsum(2)
        rows = rows / (rows[:, -1:, :] + 1e-6) * (2 * math.pi)
        columns = columns / (columns[:, :, -1:] + 1e-6) * (2 * math.pi)
        steps = torch.arange(self.half, dtype=torch.int64, device=x.device).to(dtype)
        steps = 10000 ** (2 * torch.div(steps, 2, rounding_mode="floor") / self.half)
        columns = columns[:, :, :, None] / steps
        rows = rows[:, :, :, None] / steps
        columns = torch.stack((columns[:, :, :, 0::2].sin(), columns[:, :, :, 1::2].cos()), dim=4).flatten(3)
        rows = torch.stack((rows[:, :, :, 0::2].sin(), rows[:, :, :, 1::2].cos()), dim=4).flatten(3)
        return torch.cat((rows, columns), dim=3).permute(0, 3, 1, 2)


class LearnedPositions(nn.Module):
    def __init__(self, half):
        super().__init__()
        self.row_embeddings = nn.Embedding(50, half)
        self.column_embeddings = nn.Embedding(50, half)

    def forward(self, x, dtype, mask):
        height, width = x.shape[-2:]
        columns = self.column_embeddings(torch.arange(width, device=x.device))
        rows = self.row_embeddings(torch.arange(height, device=x.device))
        both = torch.cat([columns.unsqueeze(0).repeat(height, 1, 1), rows.unsqueeze(1).repeat(1, width, 1)], dim=-1)
        return both.permute(2, 0, 1).unsqueeze(0).repeat(x.shape[0], 1, 1, 1)


class DetrAttention(nn.Module):
    """Queries and keys know their places, values do not."""

    def __init__(self, config, heads):
        super().__init__()
        size = config.d_model
        self.config, self.head_dim = config, size // heads
        self.k_proj = nn.Linear(size, size)
        self.v_proj = nn.Linear(size, size)
        self.q_proj = nn.Linear(size, size)
        self.o_proj = nn.Linear(size, size)

    def forward(self, x, places, mask=None, memory=None, memory_places=None):
        placed = x if places is None else x + places
        source = placed if memory is None else memory + memory_places
        query, key = split_heads(self.q_proj(placed), self.head_dim), split_heads(self.k_proj(source), self.head_dim)
        value = split_heads(self.v_proj(x if memory is None else memory), self.head_dim)
        dropout = self.config.attention_dropout if self.training else 0.0
        eager = is_eager(self.config)
        out, weights = attend(query, key, value, mask, False, self.head_dim**-0.5, dropout, eager, wide=False)
        out = out.reshape(*x.shape[:-1], -1)
        out = self.o_proj(out)
        return out, weights


class DetrMLP(nn.Module):
    def __init__(self, config, width):
        super().__init__()
        self.config = config
        self.fc1 = nn.Linear(config.d_model, width)
        self.fc2 = nn.Linear(width, config.d_model)
        self.activation_fn = activation(config.activation_function)

    def forward(self, x):
        x = self.activation_fn(self.fc1(x))
        x = nn.functional.dropout(x, p=self.config.activation_dropout, training=self.training)
        x = self.fc2(x)
        return nn.functional.dropout(x, p=self.config.dropout, training=self.training)


class DetrLayer(Block):
    """Attention, in the decoder over the encoder's output too, and feed-forward, each normed behind."""

    def __init__(self, config, heads, width, decodes=False):
        super().__init__()
        self.dropout, self.decodes = config.dropout, decodes
        self.self_attn = DetrAttention(config, heads)
        self.self_attn_layer_norm = nn.LayerNorm(config.d_model)
        if decodes:
            self.encoder_attn = DetrAttention(config, heads)
            self.encoder_attn_layer_norm = nn.LayerNorm(config.d_model)
        self.mlp = DetrMLP(config, width)
        self.final_layer_norm = nn.LayerNorm(config.d_model)

    def forward(self, x, mask, places, memory=None, memory_mask=None, memory_places=None):
        before = x
        x, weights = self.self_attn(x, places, mask)
        x = nn.functional.dropout(x, p=self.dropout, training=self.training)
        x = before + x
        x = self.self_attn_layer_norm(x)
        if self.decodes:
            before = x
            x, weights = self.encoder_attn(x, places, memory_mask, memory, memory_places)
            x = nn.functional.dropout(x, p=self.dropout, training=self.training)
            x = before + x
            x = self.encoder_attn_layer_norm(x)
        before = x
        x = self.mlp(x)
        x = before + x
        x = self.final_layer_norm(x)
        if self.training and not self.decodes:
            torch.isfinite(x).all()
        return x


class DetrEncoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        heads, width = config.encoder_attention_heads, config.encoder_ffn_dim
        self.layers = nn.ModuleList([DetrLayer(config, heads, width) for _ in range(config.encoder_layers)])

    def forward(self, x, mask, places):
        embedded = x
        x = nn.functional.dropout(x, p=self.config.dropout, training=self.training)
        mask = padding_mask(self.config, embedded, mask)
        for layer in self.layers:
            x = layer(x, mask, places)
        return x


class DetrDecoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        heads, width = config.decoder_attention_heads, config.decoder_ffn_dim
        self.layers = nn.ModuleList([DetrLayer(config, heads, width, decodes=True) for _ in range(config.decoder_layers)])
        self.layernorm = nn.LayerNorm(config.d_model)

    def forward(self, x, places, memory, memory_mask, memory_places):
        mask = padding_mask(self.config, x, memory_mask, memory)
        middle = ()
        for layer in self.layers:
            x = layer(x, None, places, memory, mask, memory_places)
            if self.config.auxiliary_loss:
                x = self.layernorm(x)
                middle += (x,)
        x = self.layernorm(x)
        return x, torch.stack(middle) if middle else None


class Detecting(Model):
    """A photo of 800 × 800 pixels where nobody gives another."""

    def inputs(self):
        return {"pixel_values": f"float32[B, {self.config.num_channels}, 800, 800]"}


class DetrModel(Detecting):
    def __init__(self, config):
        super().__init__(config)
        size = config.d_model
        self.backbone = DetrConvEncoder(config)
        kind = SinePositions if config.position_embedding_type == "sine" else LearnedPositions
        self.position_embedding = kind(size // 2)
        self.query_position_embeddings = nn.Embedding(config.num_queries, size)
        self.input_projection = nn.Conv2d(self.backbone.model.channels[-1], size, kernel_size=1)
        self.encoder = DetrEncoder(config)
        self.decoder = DetrDecoder(config)

    def read(self, pixel_values, pixel_mask):
        """The backbone's maps, the last as the encoder reads it, its places and their mask; none where all is image."""
        everywhere = pixel_mask is None and not is_eager(self.config)
        if pixel_mask is None:
            pixel_mask = torch.ones((pixel_values.shape[0], *pixel_values.shape[2:]), device=pixel_values.device)
        maps = self.backbone(pixel_values, pixel_mask)
        last, mask = maps[-1]
        projected = self.input_projection(last)
        places = self.position_embedding(last, pixel_values.dtype, mask).flatten(2).transpose(1, 2)
        return maps, projected, places, mask, None if everywhere else mask.flatten(1)

    def found(self, projected, places, mask):
        """What the decoder's queries are in the end, the encoder's output, and the queries after each layer where asked for."""
        flat = projected.flatten(2).transpose(1, 2)
        memory = self.encoder(flat, mask, places)
        query_places = self.query_position_embeddings.weight.unsqueeze(0).repeat(flat.shape[0], 1, 1)
        queries = torch.zeros_like(query_places)
        x, middle = self.decoder(queries, query_places, memory, mask, places)
        return x, memory, middle

    def forward(self, pixel_values=None, pixel_mask=None, **kwargs):
        maps, projected, places, mask, padding = self.read(pixel_values, pixel_mask)
        x, memory, middle = self.found(projected, places, padding)
        return Output(last_hidden_state=x, encoder_last_hidden_state=memory, intermediate_hidden_states=middle)


class BoxHead(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(size, size), nn.Linear(size, size), nn.Linear(size, 4)])

    def forward(self, x):
        for layer in self.layers[:-1]:
            x = nn.functional.relu(layer(x))
        return self.layers[-1](x)


class DetrForObjectDetection(Detecting):
    def __init__(self, config):
        super().__init__(config)
        self.model = DetrModel(config)
        self.class_labels_classifier = nn.Linear(config.d_model, config.num_labels + 1)
        self.bbox_predictor = BoxHead(config.d_model)

    def forward(self, pixel_values=None, pixel_mask=None, **kwargs):
        out = self.model(pixel_values, pixel_mask)
        x = out.last_hidden_state
        logits = self.class_labels_classifier(x)
        boxes = self.bbox_predictor(x).sigmoid()
        return Output(logits=logits, pred_boxes=boxes, last_hidden_state=x, encoder_last_hidden_state=out.encoder_last_hidden_state)


class DetrForSegmentation(Detecting):
    def __init__(self, config):
        super().__init__(config)
        self.detr = DetrForObjectDetection(config)
        size, heads, channels = config.d_model, config.encoder_attention_heads, self.detr.model.backbone.model.channels
        self.mask_head = MaskHead(config, size + heads, channels[::-1][-3:])
        self.bbox_attention = AttentionMap(size, heads)

    def forward(self, pixel_values=None, pixel_mask=None, **kwargs):
        body = self.detr.model
        maps, projected, places, mask, padding = body.read(pixel_values, pixel_mask)
        x, memory, middle = body.found(projected, places, padding)
        logits = self.detr.class_labels_classifier(x)
        boxes = self.detr.bbox_predictor(x).sigmoid()
        image = memory.transpose(1, 2).view(projected.shape)
        seen = torch.where(
            mask.unsqueeze(1).unsqueeze(1), torch.full((), 0.0, device=x.device, dtype=x.dtype), torch.finfo(x.dtype).min
        )
        attended = self.bbox_attention(x, image, seen)
        masks = self.mask_head(projected, attended, [maps[i][0] for i in (2, 1, 0)])
        masks = masks.view(x.shape[0], x.shape[1], *masks.shape[-2:])
        return Output(logits=logits, pred_boxes=boxes, pred_masks=masks, last_hidden_state=x, encoder_last_hidden_state=memory)
