"""DINOv2: ViT with learned scales on both halves; positions fit any image."""
import torch
from torch import nn

from .parts.activations import activation
from .parts.attention import attend, split_heads
from .parts.backbone import wanted_stages
from .parts.block import Block
from .parts.config import Config
from .parts.heads import ImageModel
from .parts.losses import classification_loss
from .parts.masks import is_eager
from .parts.output import Output
from .parts.patches import PatchEmbeddings, resized_positions


class Dinov2Config(Config):
    model_type = "dinov2"
    defaults = dict(
        hidden_size=768,
        num_hidden_layers=12,
        num_attention_heads=12,
        mlp_ratio=4,
        hidden_act="gelu",
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        layer_norm_eps=1e-6,
        image_size=224,
        patch_size=14,
        num_channels=3,
        qkv_bias=True,
        layerscale_value=1.0,
        drop_path_rate=0.0,
        use_swiglu_ffn=False,
        use_mask_token=True,
        apply_layernorm=True,
        reshape_hidden_states=True,
        num_register_tokens=0,
    )


class Dinov2Embeddings(nn.Module):
    def __init__(self, config):
        super().__init__()
        size = config.hidden_size
        self.cls_token = nn.Parameter(torch.randn(1, 1, size))
        self.mask_token = nn.Parameter(torch.zeros(1, size)) if config.use_mask_token else None
        if config.num_register_tokens:
            self.register_tokens = nn.Parameter(torch.zeros(1, config.num_register_tokens, size))
        self.registers = config.num_register_tokens
        self.patch_embeddings = PatchEmbeddings(config)
        self.position_embeddings = nn.Parameter(torch.randn(1, self.patch_embeddings.num_patches + 1, size))
        self.dropout = nn.Dropout(config.hidden_dropout_prob)

    def forward(self, pixel_values, bool_masked_pos=None):
        x = self.patch_embeddings(pixel_values.to(dtype=self.patch_embeddings.projection.weight.dtype))
        if bool_masked_pos is not None and self.mask_token is not None:
            x = torch.where(bool_masked_pos.unsqueeze(-1), self.mask_token.to(x.dtype).unsqueeze(0), x)
        x = torch.cat((self.cls_token.expand(x.shape[0], -1, -1), x), dim=1)
        x = x + resized_positions(self.position_embeddings, pixel_values, self.patch_embeddings.patch_size, 1)
        if self.registers:
            x = torch.cat((x[:, :1], self.register_tokens.expand(x.shape[0], -1, -1), x[:, 1:]), dim=1)
        return self.dropout(x)


class Dinov2SelfAttention(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        size = config.hidden_size
        self.head_dim = size // config.num_attention_heads
        self.query = nn.Linear(size, size, bias=config.qkv_bias)
        self.key = nn.Linear(size, size, bias=config.qkv_bias)
        self.value = nn.Linear(size, size, bias=config.qkv_bias)

    def forward(self, x):
        key, value, query = (split_heads(proj(x), self.head_dim) for proj in (self.key, self.value, self.query))
        dropout = self.config.attention_probs_dropout_prob if self.training else 0.0
        eager = is_eager(self.config)
        out, weights = attend(query, key, value, None, False, self.head_dim**-0.5, dropout, eager, wide=False)
        return out.reshape(*x.shape[:-1], -1), weights


class Dinov2SelfOutput(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.dense = nn.Linear(config.hidden_size, config.hidden_size)
        self.dropout = nn.Dropout(config.hidden_dropout_prob)

    def forward(self, x):
        return self.dropout(self.dense(x))


class Dinov2Attention(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.attention = Dinov2SelfAttention(config)
        self.output = Dinov2SelfOutput(config)

    def forward(self, x):
        out, weights = self.attention(x)
        return self.output(out)


class LayerScale(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.lambda1 = nn.Parameter(config.layerscale_value * torch.ones(config.hidden_size))

    def forward(self, x):
        return x * self.lambda1


class DropPath(nn.Module):
    """Leaves the whole half out for some samples, in training."""

    def __init__(self, rate):
        super().__init__()
        self.rate = rate

    def forward(self, x):
        if self.rate == 0.0 or not self.training:
            return x
        kept = 1 - self.rate
        shape = (x.shape[0],) + (1,) * (x.ndim - 1)
        return x.div(kept) * torch.floor(torch.rand(shape, dtype=x.dtype, device=x.device) + kept)


class Dinov2MLP(nn.Module):
    def __init__(self, config):
        super().__init__()
        width = int(config.hidden_size * config.mlp_ratio)
        self.fc1 = nn.Linear(config.hidden_size, width)
        self.activation = activation(config.hidden_act)
        self.fc2 = nn.Linear(width, config.hidden_size)

    def forward(self, x):
        return self.fc2(self.activation(self.fc1(x)))


class Dinov2SwiGLUFFN(nn.Module):
    def __init__(self, config):
        super().__init__()
        width = (int(int(config.hidden_size * config.mlp_ratio) * 2 / 3) + 7) // 8 * 8
        self.weights_in = nn.Linear(config.hidden_size, 2 * width)
        self.weights_out = nn.Linear(width, config.hidden_size)

    def forward(self, x):
        gate, up = self.weights_in(x).chunk(2, dim=-1)
        return self.weights_out(nn.functional.silu(gate) * up)


class Dinov2Layer(Block):
    def __init__(self, config):
        super().__init__()
        self.norm1 = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.attention = Dinov2Attention(config)
        self.layer_scale1 = LayerScale(config)
        self.drop_path = DropPath(config.drop_path_rate) if config.drop_path_rate > 0.0 else nn.Identity()
        self.norm2 = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.mlp = Dinov2SwiGLUFFN(config) if config.use_swiglu_ffn else Dinov2MLP(config)
        self.layer_scale2 = LayerScale(config)

    def forward(self, x):
        normed = self.norm1(x)
        attended = self.attention(normed)
        attended = self.layer_scale1(attended)
        x = self.drop_path(attended) + x
        out = self.norm2(x)
        out = self.mlp(out)
        out = self.layer_scale2(out)
        return self.drop_path(out) + x


class Dinov2Encoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.layer = nn.ModuleList([Dinov2Layer(config) for _ in range(config.num_hidden_layers)])

    def forward(self, x, states=None):
        """`states`: a list for what each layer reads and what the last one gives."""
        for layer in self.layer:
            if states is not None:
                states.append(x)
            x = layer(x)
        if states is not None:
            states.append(x)
        return x


class Dinov2Model(ImageModel):
    def __init__(self, config):
        super().__init__(config)
        self.embeddings = Dinov2Embeddings(config)
        self.encoder = Dinov2Encoder(config)
        self.layernorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)

    def forward(self, pixel_values=None, bool_masked_pos=None, **kwargs):
        embedded = self.embeddings(pixel_values, bool_masked_pos)
        x = self.layernorm(self.encoder(embedded))
        return Output(last_hidden_state=x, pooler_output=x[:, 0, :])


class Dinov2ForImageClassification(ImageModel):
    base, name = Dinov2Model, "dinov2"

    def __init__(self, config):
        super().__init__(config)
        setattr(self, self.name, self.base(config))
        self.classifier = nn.Linear(config.hidden_size * 2, config.num_labels) if config.num_labels > 0 else nn.Identity()

    def forward(self, pixel_values=None, labels=None, **kwargs):
        x = getattr(self, self.name)(pixel_values, **kwargs).last_hidden_state
        patches = x[:, 1 + self.config.num_register_tokens :]
        logits = self.classifier(torch.cat([x[:, 0], patches.mean(dim=1)], dim=1))
        loss = None if labels is None else classification_loss(logits, labels, self.config)
        return Output(loss=loss, logits=logits)


class Dinov2Backbone(ImageModel):
    """What the layers give that `out_features` or `out_indices` name, the last alone where they name none; as maps where asked for."""

    def __init__(self, config):
        super().__init__(config)
        self.embeddings = Dinov2Embeddings(config)
        self.encoder = Dinov2Encoder(config)
        self.layernorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.wanted = wanted_stages(config, ["stem"] + [f"stage{i + 1}" for i in range(config.num_hidden_layers)])
        self.channels = [config.hidden_size for _ in self.wanted]

    def forward(self, pixel_values=None, states=None, **kwargs):
        states, maps = [] if states is None else states, []
        embedded = self.embeddings(pixel_values)
        self.encoder(embedded, states)
        height, width = (size // self.config.patch_size for size in pixel_values.shape[2:])
        for i, state in enumerate(states):
            if i in self.wanted:
                if self.config.apply_layernorm:
                    state = self.layernorm(state)
                if self.config.reshape_hidden_states:
                    state = state[:, 1:].reshape(state.shape[0], height, width, -1).permute(0, 3, 1, 2).contiguous()
                maps.append(state)
        return Output(feature_maps=tuple(maps))
