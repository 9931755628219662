"""Segment Anything: an image encoder of windows and relative positions, prompts as tokens, and a decoder that draws masks for them."""
import math

import torch
from torch import nn
from torch.nn import functional as F

from .parts.activations import activation
from .parts.block import Block
from .parts.config import Config
from .parts.heads import ImageModel
from .parts.mask_decoder import ChannelNorm, SamMaskDecoder, SamMLPBlock
from .parts.masks import is_eager
from .parts.output import Output
from .parts.patches import PatchEmbeddings


class SamVisionConfig(Config):
    model_type = "sam_vision_model"
    whole_heads = True
    defaults = dict(
        hidden_size=768,
        output_channels=256,
        num_hidden_layers=12,
        num_attention_heads=12,
        num_channels=3,
        image_size=1024,
        patch_size=16,
        hidden_act="gelu",
        layer_norm_eps=1e-6,
        attention_dropout=0.0,
        qkv_bias=True,
        mlp_ratio=4.0,
        use_abs_pos=True,
        use_rel_pos=True,
        window_size=14,
        global_attn_indexes=[2, 5, 8, 11],
        num_pos_feats=128,
        mlp_dim=None,
    )

    def complete(self, given):
        self.mlp_dim = int(self.hidden_size * self.mlp_ratio) if self.mlp_dim is None else self.mlp_dim
        self.scale = self.hidden_size // 2


class SamPromptEncoderConfig(Config):
    defaults = dict(
        hidden_size=256,
        image_size=1024,
        patch_size=16,
        mask_input_channels=16,
        num_point_embeddings=4,
        hidden_act="gelu",
        layer_norm_eps=1e-6,
    )

    def complete(self, given):
        self.image_embedding_size = self.image_size // self.patch_size


class SamMaskDecoderConfig(Config):
    defaults = dict(
        hidden_size=256,
        hidden_act="relu",
        mlp_dim=2048,
        num_hidden_layers=2,
        num_attention_heads=8,
        attention_downsample_rate=2,
        num_multimask_outputs=3,
        iou_head_depth=3,
        iou_head_hidden_dim=256,
        layer_norm_eps=1e-6,
    )


class SamConfig(Config):
    model_type = "sam"
    sub_configs = {"vision_config": SamVisionConfig, "prompt_encoder_config": SamPromptEncoderConfig, "mask_decoder_config": SamMaskDecoderConfig}
    defaults = dict(vision_config=None, prompt_encoder_config=None, mask_decoder_config=None)

    def complete(self, given):
        self.mask_decoder_config.attn_implementation = self.attn_implementation


class SamPatchEmbeddings(PatchEmbeddings):
    """`[B, C, H, W]` → `[B, rows, columns, hidden]`."""

    def forward(self, pixel_values):
        self.check(pixel_values)
        return self.projection(pixel_values).permute(0, 2, 3, 1)


class SamVisionAttention(nn.Module):
    """Every patch of an image or a window with every other; learned distances shift the scores, rows and columns apart."""

    def __init__(self, config, window):
        super().__init__()
        self.config = config
        side = window or config.image_size // config.patch_size
        self.heads = config.num_attention_heads
        width = config.hidden_size // self.heads
        self.scale = width**-0.5
        self.qkv = nn.Linear(config.hidden_size, config.hidden_size * 3, bias=config.qkv_bias)
        self.proj = nn.Linear(config.hidden_size, config.hidden_size)
        if config.use_rel_pos:
            self.rel_pos_h = nn.Parameter(torch.zeros(2 * side - 1, width))
            self.rel_pos_w = nn.Parameter(torch.zeros(2 * side - 1, width))

    def distances(self, size, table):
        """`[size, size, width]`: the learned vector of each pair's distance."""
        count = 2 * size - 1
        resized = F.interpolate(table.reshape(1, table.shape[0], -1).transpose(1, 2), size=count, mode="linear")
        resized = resized.reshape(-1, count).permute(1, 0)
        apart = torch.arange(size)[:, None] * 1.0 - torch.arange(size)[None, :] * 1.0 + (size - 1) * 1.0
        return resized[apart.long()]

    def bias(self, query, height, width):
        tall, wide = self.distances(height, self.rel_pos_h), self.distances(width, self.rel_pos_w)
        grid = query.reshape(query.shape[0], height, width, query.shape[2])
        rows = torch.einsum("bhwc,hkc->bhwk", grid, tall)
        columns = torch.einsum("bhwc,wkc->bhwk", grid, wide)
        return rows[:, :, :, :, None] + columns[:, :, :, None, :]

    def forward(self, x):
        batch, height, width, _ = x.shape
        heads, count = self.heads, height * width
        qkv = self.qkv(x).reshape(batch, count, 3, heads, -1).permute(2, 0, 3, 1, 4)
        query, key, value = qkv.reshape(3, batch * heads, count, -1).unbind(0)
        weights = None
        if is_eager(self.config):
            weights = (query * self.scale) @ key.transpose(-2, -1)
            if self.config.use_rel_pos:
                bias = self.bias(query, height, width).reshape_as(weights)
                weights = weights + bias
            weights = F.softmax(weights, dtype=torch.float32, dim=-1).to(query.dtype)
            kept = F.dropout(weights, p=self.config.attention_dropout, training=self.training)
            out = (kept @ value).reshape(batch, heads, height, width, -1)
        else:
            bias = self.bias(query, height, width).reshape(batch, heads, count, count) if self.config.use_rel_pos else None
            query, key, value = (one.view(batch, heads, count, -1) for one in (query, key, value))
            out = F.scaled_dot_product_attention(query, key, value, attn_mask=bias)
            out = out.view(batch, heads, height, width, -1)
        out = out.permute(0, 2, 3, 1, 4).reshape(batch, height, width, -1)
        return self.proj(out), weights


class SamVisionLayer(Block):
    """A layer whose attention stays within windows, where it has any."""

    def __init__(self, config, window):
        super().__init__()
        self.layer_norm1 = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.attn = SamVisionAttention(config, window)
        self.layer_norm2 = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.mlp = SamMLPBlock(config)
        self.window = window

    def cut(self, x):
        """The windows, and how large the padded image is."""
        batch, height, width, size = x.shape
        step = self.window
        x = F.pad(x, (0, 0, 0, -width % step, 0, -height % step))
        tall, wide = x.shape[1], x.shape[2]
        x = x.reshape(batch, tall // step, step, wide // step, step, size)
        return x.permute(0, 1, 3, 2, 4, 5).contiguous().reshape(-1, step, step, size), (tall, wide)

    def joined(self, windows, padded, height, width):
        step, (tall, wide) = self.window, padded
        batch = windows.shape[0] // (tall * wide // step // step)
        x = windows.reshape(batch, tall // step, wide // step, step, step, -1)
        x = x.permute(0, 1, 3, 2, 4, 5).contiguous().reshape(batch, tall, wide, -1)
        return x[:, :height, :width, :].contiguous()

    def forward(self, x):
        before = x
        x = self.layer_norm1(x)
        if self.window > 0:
            height, width = x.shape[1], x.shape[2]
            x, padded = self.cut(x)
        x, weights = self.attn(x)
        if self.window > 0:
            x = self.joined(x, padded, height, width)
        x = before + x
        normed = self.layer_norm2(x)
        return x + self.mlp(normed)


class SamVisionNeck(nn.Module):
    def __init__(self, config):
        super().__init__()
        size = config.output_channels
        self.conv1 = nn.Conv2d(config.hidden_size, size, kernel_size=1, bias=False)
        self.layer_norm1 = ChannelNorm(size, eps=1e-6)
        self.conv2 = nn.Conv2d(size, size, kernel_size=3, padding=1, bias=False)
        self.layer_norm2 = ChannelNorm(size, eps=1e-6)

    def forward(self, x):
        x = x.permute(0, 3, 1, 2)
        x = self.conv1(x)
        x = self.layer_norm1(x)
        x = self.conv2(x)
        return self.layer_norm2(x)


class SamVisionEncoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.patch_embed = SamPatchEmbeddings(config)
        side = config.image_size // config.patch_size
        self.pos_embed = nn.Parameter(torch.zeros(1, side, side, config.hidden_size)) if config.use_abs_pos else None
        everywhere = config.global_attn_indexes
        windows = [0 if i in everywhere else config.window_size for i in range(config.num_hidden_layers)]
        self.layers = nn.ModuleList([SamVisionLayer(config, window) for window in windows])
        self.neck = SamVisionNeck(config)

    def forward(self, pixel_values):
        x = self.patch_embed(pixel_values)
        if self.pos_embed is not None:
            x = x + self.pos_embed
        for layer in self.layers:
            x = layer(x)
        return Output(last_hidden_state=self.neck(x))


class SamVisionModel(ImageModel):
    encoder_class = SamVisionEncoder

    def __init__(self, config):
        super().__init__(config)
        self.vision_encoder = self.encoder_class(config)

    def forward(self, pixel_values=None, **kwargs):
        return self.vision_encoder(pixel_values)


class SamPositionalEmbedding(nn.Module):
    """Sines and cosines of random products of coordinates."""

    def __init__(self, config):
        super().__init__()
        self.positional_embedding = nn.Parameter(config.scale * torch.randn((2, config.num_pos_feats)))

    def forward(self, places, size=None):
        places = places.clone()
        if size is not None:
            places[:, :, :, 0] = places[:, :, :, 0] / size
            places[:, :, :, 1] = places[:, :, :, 1] / size
        places = 2 * places - 1
        places = places.to(self.positional_embedding.dtype)
        places = places @ self.positional_embedding
        places = 2 * math.pi * places
        return torch.cat([torch.sin(places), torch.cos(places)], dim=-1)


class SamMaskEmbedding(nn.Module):
    def __init__(self, config):
        super().__init__()
        channels = config.mask_input_channels
        self.activation = activation(config.hidden_act)
        self.conv1 = nn.Conv2d(1, channels // 4, kernel_size=2, stride=2)
        self.conv2 = nn.Conv2d(channels // 4, channels, kernel_size=2, stride=2)
        self.conv3 = nn.Conv2d(channels, config.hidden_size, kernel_size=1)
        self.layer_norm1 = ChannelNorm(channels // 4, eps=config.layer_norm_eps)
        self.layer_norm2 = ChannelNorm(channels // 4 * 4, eps=config.layer_norm_eps)

    def forward(self, masks):
        x = self.activation(self.layer_norm1(self.conv1(masks)))
        x = self.activation(self.layer_norm2(self.conv2(x)))
        return self.conv3(x)


class SamPromptEncoder(nn.Module):
    """Points and boxes as tokens, a mask as a picture of vectors; `places` is the image's own embedding of positions."""

    def __init__(self, config, places):
        super().__init__()
        self.shared_embedding = SamPositionalEmbedding(config.vision_config)
        if config.tie_word_embeddings:
            self.shared_embedding.positional_embedding = places.positional_embedding
        config = config.prompt_encoder_config
        self.mask_embed = SamMaskEmbedding(config)
        self.no_mask_embed = nn.Embedding(1, config.hidden_size)
        self.side, self.size = config.image_embedding_size, config.image_size
        self.point_embed = nn.ModuleList([nn.Embedding(1, config.hidden_size) for _ in range(config.num_point_embeddings)])
        self.not_a_point_embed = nn.Embedding(1, config.hidden_size)

    def points(self, points, labels, pad):
        points = points + 0.5
        if pad:
            points = torch.cat([points, torch.zeros((*points.shape[:2], 1, points.shape[-1]), device=points.device)], dim=2)
            labels = torch.cat([labels, -torch.ones((*labels.shape[:2], 1), device=labels.device)], dim=2)
        x = self.shared_embedding(points, self.size)
        x = torch.where(labels[..., None] == -1, self.not_a_point_embed.weight, x)
        x = torch.where(labels[..., None] != -10, x, torch.zeros_like(x))
        for kind in (0, 1):
            x = torch.where((labels == kind)[:, :, :, None], x + self.point_embed[kind].weight[None, None, :, :], x)
        return x

    def boxes(self, boxes):
        corners = (boxes + 0.5).reshape(*boxes.shape[:2], 2, 2)
        x = self.shared_embedding(corners, self.size)
        x[:, :, 0, :] += self.point_embed[2].weight
        x[:, :, 1, :] += self.point_embed[3].weight
        return x

    def forward(self, points=None, labels=None, boxes=None, masks=None):
        batch, tokens = 1, []
        if points is not None:
            batch = points.shape[0]
            tokens.append(self.points(points, labels, boxes is None))
        if boxes is not None:
            batch = boxes.shape[0]
            tokens.append(self.boxes(boxes))
        sparse = None
        if tokens:
            sparse = tokens[0] if len(tokens) == 1 else torch.cat(tokens, dim=2)
        if masks is not None:
            return sparse, self.mask_embed(masks)
        return sparse, self.no_mask_embed.weight.reshape(1, -1, 1, 1).expand(batch, -1, self.side, self.side)


class SamModel(ImageModel):
    encoder_class = SamVisionEncoder
    decoder_class = SamMaskDecoder

    def __init__(self, config):
        super().__init__(config)
        self.shared_image_embedding = SamPositionalEmbedding(config.vision_config)
        self.vision_encoder = self.encoder_class(config.vision_config)
        self.prompt_encoder = SamPromptEncoder(config, self.shared_image_embedding)
        self.mask_decoder = self.decoder_class(config.mask_decoder_config)

    def places(self):
        """Where each vector of the image's embedding stands, `[1, hidden, side, side]`."""
        side, like = self.config.prompt_encoder_config.image_embedding_size, self.shared_image_embedding.positional_embedding
        grid = torch.ones((side, side), device=like.device, dtype=like.dtype)
        rows, columns = grid.cumsum(dim=0) - 0.5, grid.cumsum(dim=1) - 0.5
        rows, columns = rows / side, columns / side
        places = self.shared_image_embedding(torch.stack([columns, rows], dim=-1))
        return places.permute(2, 0, 1).unsqueeze(0)

    def forward(self, pixel_values=None, input_points=None, input_labels=None, input_boxes=None, input_masks=None, image_embeddings=None, multimask_output=True, attention_similarity=None, target_embedding=None, **kwargs):
        places = self.places()
        places = places.repeat((pixel_values if image_embeddings is None else image_embeddings).shape[0], 1, 1, 1)
        seen = self.vision_encoder(pixel_values) if image_embeddings is None else Output(last_hidden_state=image_embeddings, **kwargs)
        if input_points is not None and input_labels is None:
            input_labels = torch.ones_like(input_points[:, :, :, 0], dtype=torch.int, device=input_points.device)
        sparse, dense = self.prompt_encoder(input_points, input_labels, input_boxes, input_masks)
        masks, quality = self.drawn(seen, (places, sparse, dense, multimask_output, attention_similarity, target_embedding), kwargs)
        return Output(iou_scores=quality, pred_masks=masks)

    def drawn(self, seen, rest, asked):
        """The masks, and how good each may be; `asked`: what else the caller gave."""
        return self.mask_decoder(seen.last_hidden_state, *rest)
