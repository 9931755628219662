"""Segment Anything's decoder: prompts' tokens and an image look at each other, and each token draws a mask."""
import torch
from torch import nn

from .activations import activation
from .attention import attend
from .masks import is_eager


class SamMLPBlock(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.lin1 = nn.Linear(config.hidden_size, config.mlp_dim)
        self.lin2 = nn.Linear(config.mlp_dim, config.hidden_size)
        self.act = activation(config.hidden_act)

    def forward(self, x):
        x = self.lin1(x)
        x = self.act(x)
        return self.lin2(x)


class ChannelNorm(nn.LayerNorm):
    """Over the channels of `[B, C, H, W]`."""

    def forward(self, x):
        x = x.permute(0, 2, 3, 1)
        x = super().forward(x)
        return x.permute(0, 3, 1, 2)


class SamAttention(nn.Module):
    """Attention over `[B, prompts, tokens, hidden]`, narrower inside by a factor; `out_name` names the output layer."""

    out_name = "out_proj"

    def __init__(self, config, narrower):
        super().__init__()
        self.config = config
        inner = config.hidden_size // narrower
        self.heads = config.num_attention_heads
        if inner % self.heads != 0:
            raise ValueError(f"the attention's width {inner} is not a multiple of num_attention_heads {self.heads}")
        self.scale = (inner // self.heads) ** -0.5
        self.q_proj = nn.Linear(config.hidden_size, inner)
        self.k_proj = nn.Linear(config.hidden_size, inner)
        self.v_proj = nn.Linear(config.hidden_size, inner)
        setattr(self, self.out_name, nn.Linear(inner, config.hidden_size))

    def split(self, x):
        batch, prompts, tokens, size = x.shape
        return x.reshape(batch * prompts, tokens, self.heads, size // self.heads).transpose(1, 2)

    def forward(self, query, key, value, similarity=None):
        query, key, value = self.q_proj(query), self.k_proj(key), self.v_proj(value)
        prompts = query.shape[1]
        query, key, value = self.split(query), self.split(key), self.split(value)
        out, weights = attend(query, key, value, similarity, scale=self.scale, eager=is_eager(self.config))
        out = out.reshape(out.shape[0] // prompts, prompts, out.shape[1], -1)
        out = getattr(self, self.out_name)(out)
        return out, weights


class SamTwoWayAttentionBlock(nn.Module):
    """Tokens look at each other and at the image, then the image at the tokens."""

    def __init__(self, config, first):
        super().__init__()
        size, eps, narrower = config.hidden_size, config.layer_norm_eps, 2
        self.self_attn = SamAttention(config, 1)
        self.layer_norm1 = nn.LayerNorm(size, eps=eps)
        self.cross_attn_token_to_image = SamAttention(config, narrower)
        self.layer_norm2 = nn.LayerNorm(size, eps=eps)
        self.mlp = SamMLPBlock(config)
        self.layer_norm3 = nn.LayerNorm(size, eps=eps)
        self.layer_norm4 = nn.LayerNorm(size, eps=eps)
        self.cross_attn_image_to_token = SamAttention(config, narrower)
        self.first = first

    def forward(self, tokens, image, prompts, places, similarity):
        if self.first:
            tokens, weights = self.self_attn(tokens, tokens, tokens)
        else:
            query = tokens + prompts
            out, weights = self.self_attn(query, query, tokens)
            tokens = tokens + out
        tokens = self.layer_norm1(tokens)
        query = tokens + prompts
        key = image + places
        out, weights = self.cross_attn_token_to_image(query, key, image, similarity)
        tokens = tokens + out
        tokens = self.layer_norm2(tokens)
        inner = self.mlp(tokens)
        tokens = tokens + inner
        tokens = self.layer_norm3(tokens)
        query = tokens + prompts
        key = image + places
        out, weights = self.cross_attn_image_to_token(key, query, tokens)
        image = image + out
        image = self.layer_norm4(image)
        return tokens, image


class SamTwoWayTransformer(nn.Module):
    block_class = SamTwoWayAttentionBlock
    attention_class = SamAttention

    def __init__(self, config):
        super().__init__()
        self.layers = nn.ModuleList([self.block_class(config, i == 0) for i in range(config.num_hidden_layers)])
        self.final_attn_token_to_image = self.attention_class(config, config.attention_downsample_rate)
        self.layer_norm_final_attn = nn.LayerNorm(config.hidden_size)

    def forward(self, prompts, image, places, similarity, target):
        image = image.flatten(2).transpose(1, 2).unsqueeze(1)
        places = places.flatten(2).transpose(1, 2).unsqueeze(1)
        tokens = prompts
        for layer in self.layers:
            if target is not None:
                tokens += target
            tokens, image = layer(tokens, image, prompts, places, similarity)
        query = tokens + prompts
        key = image + places
        out, weights = self.final_attn_token_to_image(query, key, image)
        tokens = tokens + out
        return self.layer_norm_final_attn(tokens), image


class SamFeedForward(nn.Module):
    """Linear layers and an activation between them; `squashed`: the result lies between zero and one."""

    def __init__(self, size, inner, out, depth, act="relu", squashed=False):
        super().__init__()
        self.squashed = squashed
        self.activation = activation(act)
        self.proj_in = nn.Linear(size, inner)
        self.proj_out = nn.Linear(inner, out)
        self.layers = nn.ModuleList([nn.Linear(inner, inner) for _ in range(depth - 2)])

    def forward(self, x):
        x = self.proj_in(x)
        x = self.activation(x)
        for layer in self.layers:
            x = self.activation(layer(x))
        x = self.proj_out(x)
        return torch.sigmoid(x) if self.squashed else x


class SamMaskDecoder(nn.Module):
    """A mask for each of a prompt's mask tokens, and how good each may be; `squashed`: that lies between zero and one."""

    transformer_class = SamTwoWayTransformer
    squashed = False

    def __init__(self, config):
        super().__init__()
        size = config.hidden_size
        self.count = config.num_multimask_outputs + 1
        self.iou_token = nn.Embedding(1, size)
        self.mask_tokens = nn.Embedding(self.count, size)
        self.transformer = self.transformer_class(config)
        self.upscale_conv1 = nn.ConvTranspose2d(size, size // 4, kernel_size=2, stride=2)
        self.upscale_conv2 = nn.ConvTranspose2d(size // 4, size // 8, kernel_size=2, stride=2)
        self.upscale_layer_norm = ChannelNorm(size // 4, eps=1e-6)
        self.activation = nn.GELU()
        self.output_hypernetworks_mlps = nn.ModuleList([SamFeedForward(size, size, size // 8, 3) for _ in range(self.count)])
        self.iou_prediction_head = SamFeedForward(size, config.iou_head_hidden_dim, self.count, config.iou_head_depth, squashed=self.squashed)

    def forward(self, image, places, sparse, dense, several, similarity, target):
        batch, size, height, width = image.shape
        prompts = 1 if sparse is None else sparse.shape[1]
        tokens = torch.cat([self.iou_token.weight, self.mask_tokens.weight], dim=0)
        tokens = tokens.repeat(batch, prompts, 1, 1)
        if sparse is not None:
            tokens = torch.cat((tokens, sparse), dim=2)
        tokens = tokens.to(self.iou_token.weight.dtype)
        image = image + dense
        image = image.repeat_interleave(prompts, 0)
        places = places.repeat_interleave(prompts, 0)
        out, image = self.transformer(tokens, image, places, similarity, target)
        quality = out[:, :, 0, :]
        marks = out[:, :, 1 : 1 + self.count, :]
        image = image.transpose(2, 3).reshape(batch * prompts, size, height, width)
        large = self.upscale_conv1(image)
        large = self.activation(self.upscale_layer_norm(large))
        large = self.activation(self.upscale_conv2(large))
        weights = [mlp(marks[:, :, i, :]) for i, mlp in enumerate(self.output_hypernetworks_mlps)]
        weights = torch.stack(weights, dim=2)
        size, height, width = large.shape[1:]
        large = large.reshape(batch, prompts, size, height * width)
        masks = (weights @ large).reshape(batch, prompts, -1, height, width)
        quality = self.iou_prediction_head(quality)
        chosen = slice(1, None) if several else slice(0, 1)
        return masks[:, :, chosen, :, :], quality[:, :, chosen]
