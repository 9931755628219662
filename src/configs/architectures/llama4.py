"""Llama 4: its language model, and a vision encoder whose patches turn by their place and are gathered four to a token."""
import torch
from torch import nn
from torch.nn import functional as F

from .llama4_text import Llama4ForCausalLM as LanguageModel
from .llama4_text import complex_rotate
from .parts.attention import attend
from .parts.block import Block
from .parts.config import Config
from .parts.heads import ImageModel, Model
from .parts.losses import causal_loss
from .parts.masks import is_eager
from .parts.output import Output


class Llama4VisionConfig(Config):
    model_type = "llama4_vision_model"
    rope_theta = 10000.0
    defaults = dict(
        hidden_size=768,
        hidden_act="gelu",
        num_hidden_layers=34,
        num_attention_heads=16,
        num_channels=3,
        intermediate_size=5632,
        vision_output_dim=7680,
        image_size=448,
        patch_size=14,
        norm_eps=1e-5,
        vision_feature_select_strategy="default",
        pixel_shuffle_ratio=0.5,
        projector_input_dim=4096,
        projector_output_dim=4096,
        projector_dropout=0.0,
        attention_dropout=0.0,
    )


class Llama4Config(Config):
    model_type = "llama4"
    attribute_map = {"image_token_id": "image_token_index", "boi_token_id": "boi_token_index", "eoi_token_id": "eoi_token_index"}
    sub_configs = {"text_config": "llama4_text", "vision_config": "llama4_vision_model"}
    defaults = dict(
        text_config=None,
        vision_config=None,
        boi_token_index=200080,
        eoi_token_index=200081,
        image_token_index=200092,
        tie_word_embeddings=False,
    )


class Llama4VisionAttention(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        size = config.hidden_size
        self.head_dim = size // config.num_attention_heads
        inner = config.num_attention_heads * self.head_dim
        self.q_proj = nn.Linear(size, inner)
        self.k_proj = nn.Linear(size, inner)
        self.v_proj = nn.Linear(size, inner)
        self.o_proj = nn.Linear(inner, size)

    def forward(self, x, turns):
        shape = (*x.shape[:-1], -1, self.head_dim)
        query = self.q_proj(x).view(shape)
        key = self.k_proj(x).view(shape)
        value = self.v_proj(x).view(shape)
        query, key = complex_rotate(query, key, turns.view(1, turns.shape[0], 1, turns.shape[-1]))
        query, key, value = (one.transpose(1, 2) for one in (query, key, value))
        dropout = self.config.attention_dropout if self.training else 0.0
        out, weights = attend(query, key, value, dropout=dropout, eager=is_eager(self.config), wide=False)
        out = out.reshape(*x.shape[:-1], -1)
        return self.o_proj(out)


class Llama4VisionMLP(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.activation_fn = nn.GELU()
        self.fc1 = nn.Linear(config.hidden_size, config.intermediate_size)
        self.fc2 = nn.Linear(config.intermediate_size, config.hidden_size)

    def forward(self, x):
        x = self.fc1(x)
        x = self.activation_fn(x)
        return self.fc2(x)


class Llama4VisionLayer(Block):
    def __init__(self, config):
        super().__init__()
        self.self_attn = Llama4VisionAttention(config)
        self.mlp = Llama4VisionMLP(config)
        self.input_layernorm = nn.LayerNorm(config.hidden_size)
        self.post_attention_layernorm = nn.LayerNorm(config.hidden_size)

    def forward(self, x, turns=None):
        before = x
        x = self.input_layernorm(x)
        x = self.self_attn(x, turns)
        x = before + x
        before = x
        x = self.post_attention_layernorm(x)
        x = self.mlp(x)
        return before + x


class Llama4VisionEncoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.layers = nn.ModuleList([Llama4VisionLayer(config) for _ in range(config.num_hidden_layers)])

    def forward(self, x, turns):
        for layer in self.layers:
            x = layer(x, turns)
        return x


class Llama4Patches(nn.Module):
    """Patches as rows, and a product."""

    def __init__(self, config):
        super().__init__()
        patch = config.patch_size
        rows, columns = (patch, patch) if isinstance(patch, int) else patch
        self.unfold = nn.Unfold(kernel_size=(rows, columns), stride=patch)
        self.linear = nn.Linear(config.num_channels * rows * columns, config.hidden_size, bias=False)

    def forward(self, x):
        x = self.unfold(x)
        x = x.permute(0, 2, 1)
        return self.linear(x)


class Llama4VisionRotaryEmbedding(nn.Module):
    """One complex turn for each patch and pair of features, by column and by row; none for the class token."""

    def __init__(self, config):
        super().__init__()
        side = config.image_size // config.patch_size
        places = torch.arange(side**2, dtype=torch.int32).reshape(side**2, 1)
        places = torch.cat([places, places[:1]], dim=0)
        width = config.hidden_size // config.num_attention_heads // 2
        frequencies = 1.0 / (config.rope_parameters["rope_theta"] ** (torch.arange(0, width, 2)[: width // 2].float() / width))
        angles = [((axis + 1)[..., None] * frequencies[None, None, :]).repeat_interleave(2, dim=-1) for axis in (places % side, places // side)]
        angles = torch.cat(angles, dim=-1).float().contiguous()[..., ::2]
        turns = torch.view_as_complex(torch.stack([torch.cos(angles), torch.sin(angles)], dim=-1))
        self.register_buffer("freqs_ci", turns, persistent=False)


class Llama4VisionMLP2(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.fc1 = nn.Linear(config.intermediate_size, config.projector_input_dim, bias=False)
        self.fc2 = nn.Linear(config.projector_output_dim, config.projector_output_dim, bias=False)
        self.activation_fn = nn.GELU()
        self.dropout = config.projector_dropout

    def forward(self, x):
        x = self.fc1(x)
        x = self.activation_fn(x)
        x = F.dropout(x, p=self.dropout, training=self.training)
        return self.activation_fn(self.fc2(x))


class Llama4VisionAdapter(nn.Module):
    """Neighbouring patches side by side as one token, and two products."""

    def __init__(self, config):
        super().__init__()
        self.ratio = config.pixel_shuffle_ratio
        self.mlp = Llama4VisionMLP2(config)

    def forward(self, x):
        batch, patches, channels = x.shape
        ratio, side = self.ratio, int(patches**0.5)
        short = int(side * ratio)
        x = x.view(batch, side, short, int(channels / ratio))
        x = x.permute(0, 2, 1, 3).contiguous()
        x = x.view(batch, short, short, int(channels / ratio**2))
        x = x.permute(0, 2, 1, 3).contiguous()
        return self.mlp(x.view(batch, -1, x.shape[-1]))


class Llama4VisionModel(ImageModel):
    def __init__(self, config):
        super().__init__(config)
        size = config.hidden_size
        self.patch_embedding = Llama4Patches(config)
        self.class_embedding = nn.Parameter(torch.empty(size))
        self.positional_embedding_vlm = nn.Parameter(torch.empty((config.image_size // config.patch_size) ** 2 + 1, size))
        self.rotary_embedding = Llama4VisionRotaryEmbedding(config)
        self.layernorm_pre = nn.LayerNorm(size)
        self.layernorm_post = nn.LayerNorm(size)
        self.model = Llama4VisionEncoder(config)
        self.vision_adapter = Llama4VisionAdapter(config)

    def forward(self, pixel_values=None, **kwargs):
        x = self.patch_embedding(pixel_values)
        x = torch.cat([x, self.class_embedding.expand(x.shape[0], 1, x.shape[-1])], dim=1)
        x = x + self.positional_embedding_vlm.to(dtype=x.dtype, device=x.device)
        x = self.layernorm_pre(x)
        x = self.model(x, self.rotary_embedding.freqs_ci)
        x = self.layernorm_post(x)
        x = x[:, :-1, :]
        return Output(last_hidden_state=self.vision_adapter(x))


class Llama4MultiModalProjector(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.linear_1 = nn.Linear(config.vision_config.vision_output_dim, config.text_config.hidden_size, bias=False)

    def forward(self, x):
        return self.linear_1(x)


class Llama4ForConditionalGeneration(Model):
    def __init__(self, config):
        super().__init__(config)
        self.vision_model = Llama4VisionModel(config.vision_config)
        self.multi_modal_projector = Llama4MultiModalProjector(config)
        self.language_model = LanguageModel(config.text_config)

    def forward(self, input_ids=None, pixel_values=None, inputs_embeds=None, labels=None, **kwargs):
        x = self.language_model.model.embed_tokens(input_ids) if inputs_embeds is None else inputs_embeds
        images = None
        if pixel_values is not None:
            images = self.vision_model(pixel_values).last_hidden_state
            features = self.multi_modal_projector(images.view(-1, images.size(-1))).to(x.dtype)
            places = (input_ids == self.config.image_token_index).unsqueeze(-1)
            x = x.masked_scatter(places, features)
        out = self.language_model(inputs_embeds=x, **kwargs)
        loss = None if labels is None else causal_loss(out.logits, labels, self.config.text_config.vocab_size)
        return Output(loss=loss, logits=out.logits, past_key_values=out.past_key_values, image_hidden_states=images)
