"""SAM-HQ: Segment Anything with one more token, whose mask is drawn on the image encoder's early and last features together."""
import torch
from torch import nn

from .parts.mask_decoder import ChannelNorm, SamFeedForward, SamMaskDecoder
from .parts.output import Output
from .sam import SamConfig, SamMaskDecoderConfig, SamModel, SamPromptEncoderConfig, SamVisionConfig, SamVisionEncoder, SamVisionModel


class SamHQVisionConfig(SamVisionConfig):
    model_type = "sam_hq_vision_model"


class SamHQMaskDecoderConfig(SamMaskDecoderConfig):
    defaults = dict(SamMaskDecoderConfig.defaults, vit_dim=768)


class SamHQConfig(SamConfig):
    model_type = "sam_hq"
    sub_configs = {"vision_config": SamHQVisionConfig, "prompt_encoder_config": SamPromptEncoderConfig, "mask_decoder_config": SamHQMaskDecoderConfig}


class SamHQVisionEncoder(SamVisionEncoder):
    """Hands on what the layers without windows give as well."""

    def forward(self, pixel_values):
        x = self.patch_embed(pixel_values)
        if self.pos_embed is not None:
            x = x + self.pos_embed
        between = []
        for layer in self.layers:
            x = layer(x)
            if layer.window == 0:
                between.append(x)
        return Output(last_hidden_state=self.neck(x), intermediate_embeddings=between)


class SamHQVisionModel(SamVisionModel):
    encoder_class = SamHQVisionEncoder


class SamHQMaskDecoder(SamMaskDecoder):
    def __init__(self, config):
        super().__init__(config)
        size = config.hidden_size
        self.hq_token = nn.Embedding(1, size)
        self.hq_mask_mlp = SamFeedForward(size, size, size // 8, 3)
        self.compress_vit_conv1 = nn.ConvTranspose2d(config.vit_dim, size, kernel_size=2, stride=2)
        self.compress_vit_norm = ChannelNorm(size, eps=1e-6)
        self.compress_vit_conv2 = nn.ConvTranspose2d(size, size // 8, kernel_size=2, stride=2)
        self.encoder_conv1 = nn.ConvTranspose2d(size, size // 4, kernel_size=2, stride=2)
        self.encoder_norm = ChannelNorm(size // 4, eps=1e-6)
        self.encoder_conv2 = nn.ConvTranspose2d(size // 4, size // 8, kernel_size=2, stride=2)
        self.mask_conv1 = nn.Conv2d(size // 8, size // 4, kernel_size=3, stride=1, padding=1)
        self.mask_norm = ChannelNorm(size // 4, eps=1e-6)
        self.mask_conv2 = nn.Conv2d(size // 4, size // 8, kernel_size=3, stride=1, padding=1)

    def fine(self, image, early):
        """The last features, and the early ones with them where there are any, four times as large."""
        if early is not None:
            early = early.permute(0, 3, 1, 2).contiguous()
        x = self.encoder_conv1(image)
        x = self.activation(self.encoder_norm(x))
        x = self.encoder_conv2(x)
        if early is None:
            return x
        packed = self.compress_vit_conv1(early)
        packed = self.activation(self.compress_vit_norm(packed))
        packed = self.compress_vit_conv2(packed)
        return x + packed

    def forward(self, image, places, sparse, dense, several, similarity, target, between=None, alone=False):
        batch, size, height, width = image.shape
        prompts = 1 if sparse is None else sparse.shape[1]
        fine = self.fine(image, between[0] if between else None)
        tokens = torch.cat([self.iou_token.weight, self.mask_tokens.weight, self.hq_token.weight], dim=0)
        tokens = tokens.repeat(batch, prompts, 1, 1)
        if sparse is not None:
            tokens = torch.cat([tokens, sparse], dim=2)
        tokens = tokens.to(self.iou_token.weight.dtype)
        image = image + dense
        image = image.repeat_interleave(prompts, 0)
        places = places.repeat_interleave(prompts, 0)
        out, looked = self.transformer(tokens, image, places, similarity, target)
        quality = out[:, :, 0, :]
        marks = out[:, :, 1 : 2 + self.count, :]
        image = image.transpose(2, 3).reshape(batch * prompts, size, height, width)
        large = self.upscale_conv1(image)
        large = self.activation(self.upscale_layer_norm(large))
        large = self.activation(self.upscale_conv2(large))
        sharp = self.mask_conv1(large)
        sharp = self.activation(self.mask_norm(sharp))
        sharp = self.mask_conv2(sharp)
        if fine.shape[0] == 1:
            fine = fine.repeat(batch * prompts, 1, 1, 1)
        elif prompts != 1:
            fine = fine.repeat_interleave(prompts, 0)
        sharp = sharp + fine
        drawers = [*self.output_hypernetworks_mlps, self.hq_mask_mlp]
        weights = torch.stack([mlp(marks[:, :, i, :]) for i, mlp in enumerate(drawers)], dim=2)
        size, height, width = large.shape[1:]
        large, sharp = (one.reshape(batch, prompts, size, height * width) for one in (large, sharp))
        usual = (weights[:, :, : self.count] @ large).reshape(batch, prompts, -1, height, width)
        best = (weights[:, :, self.count :] @ sharp).reshape(batch, prompts, -1, height, width)
        masks = torch.cat([usual, best], dim=2)
        quality = self.iou_prediction_head(quality)
        chosen = slice(1, self.count) if several else slice(0, 1)
        quality, usual = quality[:, :, chosen], masks[:, :, chosen, :, :]
        if several:
            quality, order = torch.sort(quality, dim=2, descending=True)
            usual = torch.gather(usual, 2, order[..., None, None].expand(-1, -1, -1, height, width))
        best = masks[:, :, self.count : self.count + 1, :, :]
        return best if alone else usual + best, quality


class SamHQModel(SamModel):
    encoder_class = SamHQVisionEncoder
    decoder_class = SamHQMaskDecoder

    def drawn(self, seen, rest, asked):
        return self.mask_decoder(seen.last_hidden_state, *rest, seen.intermediate_embeddings, bool(asked.get("hq_token_only")))
