"""MLCD: CLIP's image encoder with rotary positions in two directions; the class token's angles are learned."""
import torch
from torch import nn

from .parts.attention import attend
from .parts.block import Block
from .parts.config import Config
from .parts.grids import GridRotary, grid_rotate
from .parts.heads import ImageModel
from .parts.masks import is_eager
from .parts.output import Output
from .parts.vision import FeedForward


class MLCDVisionConfig(Config):
    model_type = "mlcd_vision_model"
    whole_heads = True
    defaults = dict(
        hidden_size=1664,
        intermediate_size=8192,
        num_hidden_layers=48,
        num_attention_heads=16,
        num_channels=3,
        image_size=336,
        patch_size=14,
        hidden_act="gelu",
        layer_norm_eps=1e-5,
        attention_dropout=0.0,
    )

    def complete(self, given):
        self.width, self.num_heads = self.hidden_size, self.num_attention_heads


class MLCDVisionEmbeddings(nn.Module):
    def __init__(self, config):
        super().__init__()
        patch = config.patch_size
        self.class_embedding = nn.Parameter(torch.randn(config.hidden_size))
        self.patch_embedding = nn.Conv2d(config.num_channels, config.hidden_size, kernel_size=patch, stride=patch, bias=False)
        count = (config.image_size // patch) ** 2 + 1
        self.register_buffer("position_ids", torch.arange(count).expand((1, -1)), persistent=False)

    def forward(self, pixel_values):
        x = self.patch_embedding(pixel_values.to(dtype=self.patch_embedding.weight.dtype)).flatten(2).transpose(1, 2)
        return torch.cat([self.class_embedding.expand(x.shape[0], 1, -1), x], dim=1)


class MLCDAttention(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        size, self.heads = config.hidden_size, config.num_attention_heads
        self.scale = (size // self.heads) ** -0.5
        self.k_proj = nn.Linear(size, size)
        self.v_proj = nn.Linear(size, size)
        self.q_proj = nn.Linear(size, size)
        self.out_proj = nn.Linear(size, size)

    def forward(self, x, positions):
        batch, count, _ = x.shape
        query, key, value = (proj(x).reshape((batch, count, self.heads, -1)) for proj in (self.q_proj, self.k_proj, self.v_proj))
        cos, sin = (one.unsqueeze(0).float() for one in positions)
        query, key = grid_rotate(query, key, (cos, sin))
        query = query.permute(0, 2, 1, 3).contiguous()
        key = key.permute(0, 2, 1, 3).contiguous()
        value = value.permute(0, 2, 1, 3).contiguous()
        dropout = self.config.attention_dropout if self.training else 0.0
        out, weights = attend(query, key, value, None, False, self.scale, dropout, is_eager(self.config))
        out = out.permute(1, 0, 2, 3).contiguous()
        out = out.view(count, batch, -1)
        out = self.out_proj(out)
        out = out.permute(1, 0, 2).contiguous()
        return out, weights


class MLCDEncoderLayer(Block):
    positional = 2

    def __init__(self, config):
        super().__init__()
        self.self_attn = MLCDAttention(config)
        self.layer_norm1 = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.mlp = FeedForward(config)
        self.layer_norm2 = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)

    def forward(self, x, positions):
        before = x
        x = self.layer_norm1(x)
        x, weights = self.self_attn(x, positions)
        x = before + x
        before = x
        x = self.layer_norm2(x)
        x = self.mlp(x)
        return before + x


class MLCDEncoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.layers = nn.ModuleList([MLCDEncoderLayer(config) for _ in range(config.num_hidden_layers)])

    def forward(self, x, positions):
        for layer in self.layers:
            x = layer(x, positions)
        return x


class MLCDVisionModel(ImageModel):
    def __init__(self, config):
        super().__init__(config)
        self.embeddings = MLCDVisionEmbeddings(config)
        self.pre_layrnorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.encoder = MLCDEncoder(config)
        self.post_layernorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.vision_rotary_embedding = GridRotary(config)
        self.class_pos_emb = nn.Parameter(torch.randn(1, config.hidden_size // config.num_attention_heads // 2))

    def positions(self, x, height, width):
        """Cosines and sines of the class token, then of each patch."""
        rows = torch.arange(height, device=x.device).unsqueeze(1).expand(-1, width)
        columns = torch.arange(width, device=x.device).unsqueeze(0).expand(height, -1)
        cos, sin = self.vision_rotary_embedding(x, torch.stack([rows.flatten(), columns.flatten()], dim=-1))
        first = torch.cat([self.class_pos_emb, self.class_pos_emb], dim=-1)
        return [torch.cat([first.cos(), cos], dim=0), torch.cat([first.sin(), sin], dim=0)]

    def forward(self, pixel_values=None, **kwargs):
        x = self.pre_layrnorm(self.embeddings(pixel_values))
        patch = self.config.patch_size
        positions = self.positions(x, pixel_values.shape[-2] // patch, pixel_values.shape[-1] // patch)
        x = self.encoder(x, positions)
        return Output(last_hidden_state=x, pooler_output=self.post_layernorm(x[:, 0, :]))
