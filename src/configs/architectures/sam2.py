"""SAM 2 for images: Hiera with a pyramid of features behind it, and Segment Anything's decoder that sees the finer ones as well."""
import math

import torch
from torch import nn
from torch.nn import functional as F

from .parts.auto import model_of
from .parts.block import Block
from .parts.config import Config
from .parts.heads import ImageModel
from .parts.mask_decoder import SamAttention, SamFeedForward, SamMaskDecoder, SamTwoWayAttentionBlock, SamTwoWayTransformer
from .parts.output import Output
from .sam import SamMaskEmbedding, SamPositionalEmbedding


class Sam2VisionConfig(Config):
    model_type = "sam2_vision_model"
    sub_configs = {"backbone_config": "sam2_hiera_det_model"}
    defaults = dict(
        backbone_config=None,
        backbone_channel_list=[768, 384, 192, 96],
        backbone_feature_sizes=[[256, 256], [128, 128], [64, 64]],
        fpn_hidden_size=256,
        fpn_kernel_size=1,
        fpn_stride=1,
        fpn_padding=0,
        fpn_top_down_levels=[2, 3],
        num_feature_levels=3,
    )


class Sam2PromptEncoderConfig(Config):
    defaults = dict(
        hidden_size=256,
        image_size=1024,
        patch_size=16,
        mask_input_channels=16,
        num_point_embeddings=4,
        hidden_act="gelu",
        layer_norm_eps=1e-6,
        scale=1,
    )


class Sam2MaskDecoderConfig(Config):
    defaults = dict(
        hidden_size=256,
        hidden_act="gelu",
        mlp_dim=2048,
        num_hidden_layers=2,
        num_attention_heads=8,
        attention_downsample_rate=2,
        num_multimask_outputs=3,
        iou_head_depth=3,
        iou_head_hidden_dim=256,
        dynamic_multimask_via_stability=True,
        dynamic_multimask_stability_delta=0.05,
        dynamic_multimask_stability_thresh=0.98,
    )


class Sam2Config(Config):
    model_type = "sam2"
    sub_configs = {"vision_config": "sam2_vision_model", "prompt_encoder_config": Sam2PromptEncoderConfig, "mask_decoder_config": Sam2MaskDecoderConfig}
    defaults = dict(vision_config=None, prompt_encoder_config=None, mask_decoder_config=None)

    def complete(self, given):
        self.mask_decoder_config.attn_implementation = self.attn_implementation


def sines(like, size, base=10000):
    """Sines and cosines of rows and columns for `[B, C, rows, columns]`, `size` of each."""
    batch, _, height, width = like.shape
    rows = torch.arange(1, height + 1, dtype=like.dtype, device=like.device)[None, :, None].expand(batch, height, width)
    columns = torch.arange(1, width + 1, dtype=like.dtype, device=like.device)[None, None, :].expand(batch, height, width)
    rows = rows / (rows[:, -1:, :] + 1e-6) * (2 * math.pi)
    columns = columns / (columns[:, :, -1:] + 1e-6) * (2 * math.pi)
    steps = torch.arange(size, dtype=torch.int64, device=like.device).to(like.dtype)
    steps = base ** (2 * torch.div(steps, 2, rounding_mode="floor") / size)
    columns = columns[:, :, :, None] / steps
    rows = rows[:, :, :, None] / steps
    columns = torch.stack((columns[:, :, :, 0::2].sin(), columns[:, :, :, 1::2].cos()), dim=4).flatten(3)
    rows = torch.stack((rows[:, :, :, 0::2].sin(), rows[:, :, :, 1::2].cos()), dim=4).flatten(3)
    return torch.cat((rows, columns), dim=3).permute(0, 3, 1, 2)


class Sam2VisionNeck(nn.Module):
    """Each stage's features as wide as the others', coarser ones added to finer ones where the config says so."""

    def __init__(self, config):
        super().__init__()
        self.config = config
        size, kernel, step, padding = config.fpn_hidden_size, config.fpn_kernel_size, config.fpn_stride, config.fpn_padding
        self.convs = nn.ModuleList([nn.Conv2d(one, size, kernel_size=kernel, stride=step, padding=padding) for one in config.backbone_channel_list])

    def forward(self, stages):
        maps, places = [], []
        last = len(self.convs) - 1
        for i in range(last, -1, -1):
            side = stages[i].permute(0, 3, 1, 2)
            side = self.convs[last - i](side.to(self.convs[i].weight.dtype))
            if i not in self.config.fpn_top_down_levels or i == last:
                x = side
            else:
                above = F.interpolate(x.to(dtype=torch.float32), scale_factor=2.0, mode="nearest").to(side.dtype)
                x = side + above
            maps.append(x)
            places.append(sines(x, self.config.fpn_hidden_size // 2))
        return maps, places


class Sam2Images(ImageModel):
    def inputs(self):
        config = self.config.vision_config or self.config
        backbone = config.backbone_config
        height, width = backbone.image_size
        return {"pixel_values": f"float32[B, {backbone.num_channels}, {height}, {width}]"}


class Sam2VisionModel(Sam2Images):
    def __init__(self, config):
        super().__init__(config)
        self.backbone = model_of(config.backbone_config)
        self.neck = Sam2VisionNeck(config)

    def forward(self, pixel_values=None, **kwargs):
        out = self.backbone(pixel_values)
        maps, places = self.neck(out.intermediate_hidden_states)
        count = self.config.num_feature_levels
        return Output(last_hidden_state=out.last_hidden_state, fpn_hidden_states=maps[-count:][::-1], fpn_position_encoding=places[-count:][::-1])


class Sam2PositionalEmbedding(SamPositionalEmbedding):
    """Sines and cosines of random products of coordinates, which are not learned."""

    def __init__(self, config):
        nn.Module.__init__(self)
        self.register_buffer("positional_embedding", config.scale * torch.randn((2, config.hidden_size // 2)))


class Sam2PromptEncoder(nn.Module):
    """Points and boxes as tokens, a mask as a picture of vectors."""

    def __init__(self, config):
        super().__init__()
        self.shared_embedding = Sam2PositionalEmbedding(config)
        self.mask_embed = SamMaskEmbedding(config)
        self.no_mask_embed = nn.Embedding(1, config.hidden_size)
        self.side, self.size = config.image_size // config.patch_size, config.image_size
        self.point_embed = nn.Embedding(config.num_point_embeddings, config.hidden_size)
        self.not_a_point_embed = nn.Embedding(1, config.hidden_size)

    def points(self, points, labels, pad):
        points = points + 0.5
        if pad:
            points, labels = F.pad(points, (0, 0, 0, 1), value=0), F.pad(labels, (0, 1), value=-1)
        x = self.shared_embedding(points, self.size)
        x = torch.where(labels[..., None] == -1, self.not_a_point_embed.weight, x)
        x = torch.where(labels[..., None] != -10, x, torch.zeros_like(x))
        return x + self.point_embed(labels.clamp(min=0)) * (labels >= 0).unsqueeze(-1)

    def boxes(self, boxes):
        corners = (boxes + 0.5).view(*boxes.shape[:2], 2, 2)
        x = self.shared_embedding(F.pad(corners, (0, 0, 0, 1), value=0), self.size)
        x[:, :, 0, :] += self.point_embed.weight[2]
        x[:, :, 1, :] += self.point_embed.weight[3]
        x[:, :, 2, :] = self.not_a_point_embed.weight.expand_as(x[:, :, 2, :])
        return x

    def forward(self, points=None, labels=None, boxes=None, masks=None):
        batch, tokens = 1, []
        if points is not None:
            batch = points.shape[0]
            tokens.append(self.points(points, labels, boxes is None))
        if boxes is not None:
            batch = boxes.shape[0]
            tokens.append(self.boxes(boxes))
        sparse = tokens[0] if len(tokens) == 1 else torch.cat(tokens, dim=2)
        if masks is not None:
            return sparse, self.mask_embed(masks)
        return sparse, self.no_mask_embed.weight.reshape(1, -1, 1, 1).expand(batch, -1, self.side, self.side)


class Sam2Attention(SamAttention):
    out_name = "o_proj"


class Sam2TwoWayAttentionBlock(Block, SamTwoWayAttentionBlock):
    positional = 0

    def __init__(self, config, first):
        nn.Module.__init__(self)
        size, narrower = config.hidden_size, config.attention_downsample_rate
        self.self_attn = Sam2Attention(config, 1)
        self.layer_norm1 = nn.LayerNorm(size)
        self.cross_attn_token_to_image = Sam2Attention(config, narrower)
        self.layer_norm2 = nn.LayerNorm(size)
        self.mlp = SamFeedForward(size, config.mlp_dim, size, config.num_hidden_layers)
        self.layer_norm3 = nn.LayerNorm(size)
        self.layer_norm4 = nn.LayerNorm(size)
        self.cross_attn_image_to_token = Sam2Attention(config, narrower)
        self.first = first


class Sam2TwoWayTransformer(SamTwoWayTransformer):
    block_class = Sam2TwoWayAttentionBlock
    attention_class = Sam2Attention


class Sam2MaskDecoder(SamMaskDecoder):
    """Besides, whether there is an object at all; `finer`: features four and two times as large."""

    transformer_class = Sam2TwoWayTransformer
    squashed = True

    def __init__(self, config):
        super().__init__(config)
        self.config = config
        size = config.hidden_size
        self.conv_s0 = nn.Conv2d(size, size // 8, kernel_size=1, stride=1)
        self.conv_s1 = nn.Conv2d(size, size // 4, kernel_size=1, stride=1)
        self.obj_score_token = nn.Embedding(1, size)
        self.pred_obj_score_head = SamFeedForward(size, size, 1, 3)

    def forward(self, image, places, sparse, dense, several, finer, similarity=None, target=None):
        batch, size, height, width = image.shape
        prompts = sparse.shape[1]
        tokens = torch.cat([self.obj_score_token.weight, self.iou_token.weight, self.mask_tokens.weight], dim=0)
        tokens = tokens.repeat(batch, prompts, 1, 1)
        tokens = torch.cat((tokens, sparse), dim=2)
        tokens = tokens.to(self.iou_token.weight.dtype)
        image = image + dense
        image = image.repeat_interleave(prompts, dim=0)
        places = places.repeat_interleave(prompts, 0)
        tokens, image = self.transformer(tokens, image, places, similarity, target)
        quality, marks = tokens[:, :, 1, :], tokens[:, :, 2 : 2 + self.count, :]
        image = image.transpose(2, 3).view(batch * prompts, size, height, width)
        finest, fine = (one.repeat_interleave(prompts, dim=0) for one in finer)
        large = self.upscale_conv1(image) + fine
        large = self.activation(self.upscale_layer_norm(large))
        large = self.activation(self.upscale_conv2(large) + finest)
        weights = torch.stack([mlp(marks[:, :, i, :]) for i, mlp in enumerate(self.output_hypernetworks_mlps)], dim=2)
        size, height, width = large.shape[1:]
        large = large.view(batch, prompts, size, height * width)
        masks = (weights @ large).view(batch, prompts, -1, height, width)
        quality = self.iou_prediction_head(quality)
        score = self.pred_obj_score_head(tokens[:, :, 0, :])
        if several:
            return masks[:, :, 1:, :, :], quality[:, :, 1:], score
        if self.config.dynamic_multimask_via_stability and not self.training:
            return (*self.steady(masks, quality), score)
        return masks[:, :, :1, :, :], quality[:, :, :1], score

    def steady(self, masks, quality):
        """The single mask where a small change leaves it as it is, else the best of the others."""
        others, ranks = masks[:, :, 1:, :, :], quality[:, :, 1:]
        best = torch.argmax(ranks, dim=-1)
        best_masks = torch.gather(others, 2, best.unsqueeze(-1).unsqueeze(-1).unsqueeze(-1).expand(-1, -1, 1, *others.shape[-2:]))
        best_ranks = torch.gather(ranks, 2, best.unsqueeze(-1))
        one, rank = masks[:, :, 0:1, :, :], quality[:, :, 0:1]
        flat, change = one.flatten(-2), self.config.dynamic_multimask_stability_delta
        inner = torch.sum(flat > change, dim=-1).float()
        outer = torch.sum(flat > -change, dim=-1).float()
        stays = torch.where(outer > 0, inner / outer, 1.0) >= self.config.dynamic_multimask_stability_thresh
        return torch.where(stays[..., None, None].expand_as(one), one, best_masks), torch.where(stays.expand_as(rank), rank, best_ranks)


class Sam2Model(Sam2Images):
    def __init__(self, config):
        super().__init__(config)
        self.shared_image_embedding = Sam2PositionalEmbedding(config.prompt_encoder_config)
        self.vision_encoder = model_of(config.vision_config)
        self.prompt_encoder = Sam2PromptEncoder(config.prompt_encoder_config)
        self.mask_decoder = Sam2MaskDecoder(config.mask_decoder_config)
        self.no_memory_embedding = nn.Parameter(torch.zeros(1, 1, config.vision_config.fpn_hidden_size))

    def places(self):
        """Where each vector of the image's embedding stands, `[1, hidden, side, side]`."""
        side, like = self.prompt_encoder.side, self.shared_image_embedding.positional_embedding
        grid = torch.ones((side, side), device=like.device, dtype=like.dtype)
        rows, columns = grid.cumsum(dim=0) - 0.5, grid.cumsum(dim=1) - 0.5
        rows, columns = rows / side, columns / side
        places = self.shared_image_embedding(torch.stack([columns, rows], dim=-1))
        return places.permute(2, 0, 1).unsqueeze(0)

    def embedded(self, pixel_values):
        """The image's features, the finest first, and what the encoder hands on."""
        out = self.vision_encoder(pixel_values)
        maps = list(out.fpn_hidden_states)
        maps[0], maps[1] = self.mask_decoder.conv_s0(maps[0]), self.mask_decoder.conv_s1(maps[1])
        maps = [one.flatten(2).permute(2, 0, 1) for one in maps]
        maps[-1] = maps[-1] + self.no_memory_embedding
        sizes = self.config.vision_config.backbone_feature_sizes
        return [one.permute(1, 2, 0).view(pixel_values.shape[0], -1, *size) for one, size in zip(maps, sizes)], out

    def forward(self, pixel_values=None, input_points=None, input_labels=None, input_boxes=None, input_masks=None, image_embeddings=None, multimask_output=True, attention_similarity=None, target_embedding=None, **kwargs):
        batch = pixel_values.shape[0] if image_embeddings is None else image_embeddings[-1].shape[0]
        places = self.places().repeat(batch, 1, 1, 1)
        images, seen = self.embedded(pixel_values) if image_embeddings is None else (image_embeddings, None)
        like = images[-1]
        if input_points is not None and input_labels is None:
            input_labels = torch.ones_like(input_points[:, :, :, 0], dtype=torch.int, device=input_points.device)
        if input_points is None and input_boxes is None:
            input_points = torch.zeros(batch, 1, 1, 2, dtype=like.dtype, device=like.device)
            input_labels = -torch.ones(batch, 1, 1, dtype=torch.int32, device=like.device)
        side = self.prompt_encoder.side * 4
        if input_masks is not None and tuple(input_masks.shape[-2:]) != (side, side):
            kind = input_masks.dtype
            input_masks = F.interpolate(input_masks.float(), size=(side, side), align_corners=False, mode="bilinear", antialias=True).to(kind)
        sparse, dense = self.prompt_encoder(input_points, input_labels, input_boxes, input_masks)
        masks, quality, score = self.mask_decoder(like, places, sparse, dense, multimask_output, images[:-1], attention_similarity, target_embedding)
        return Output(iou_scores=quality, pred_masks=masks, object_score_logits=score, image_embeddings=images)
