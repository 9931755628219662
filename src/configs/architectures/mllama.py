"""Mllama: Llama with layers that attend to an image's patches instead of the text; without an image they are left out."""
import torch
from torch import nn

from .mllama_vision_model import MllamaVisionModel
from .parts.attention import RMSNorm, attend, split_heads
from .parts.block import Block
from .parts.cache import Cache, keep
from .parts.config import Config
from .parts.decoder import Decoder, DecoderLayer, GatedMLP
from .parts.heads import ForCausalLM, Model
from .parts.losses import causal_loss
from .parts.masks import is_eager
from .parts.output import Output


class MllamaTextConfig(Config):
    model_type = "mllama_text_model"
    rope_theta = 500000.0
    whole_heads = True
    defaults = dict(
        vocab_size=128256,
        hidden_size=4096,
        hidden_act="silu",
        num_hidden_layers=40,
        num_attention_heads=32,
        num_key_value_heads=8,
        intermediate_size=14336,
        rms_norm_eps=1e-5,
        max_position_embeddings=131072,
        dropout=0.0,
        pad_token_id=128004,
    )

    def complete(self, given):
        self.tie_word_embeddings = False
        self.attention_dropout = self.dropout
        if self.cross_attention_layers is None:
            self.cross_attention_layers = [3, 8, 13, 18, 23, 28, 33, 38]


class MllamaConfig(Config):
    model_type = "mllama"
    attribute_map = {"image_token_id": "image_token_index"}
    sub_configs = {"text_config": "mllama_text_model", "vision_config": "mllama_vision_model"}
    defaults = dict(text_config=None, vision_config=None, image_token_index=128256)


class MllamaCrossAttention(nn.Module):
    """Text tokens look at the patches, in order where no mask says which; keys and values are made once, with the image."""

    def __init__(self, config, layer):
        super().__init__()
        self.config, self.layer = config, layer
        size = config.hidden_size
        self.head_dim = size // config.num_attention_heads
        queries, keys = (heads * self.head_dim for heads in (config.num_attention_heads, config.num_key_value_heads))
        self.q_proj = nn.Linear(size, queries, bias=False)
        self.k_proj = nn.Linear(size, keys, bias=False)
        self.v_proj = nn.Linear(size, keys, bias=False)
        self.o_proj = nn.Linear(queries, size, bias=False)
        self.q_norm = RMSNorm(self.head_dim, eps=config.rms_norm_eps)
        self.k_norm = RMSNorm(self.head_dim, eps=config.rms_norm_eps)

    def forward(self, x, states, mask, cache):
        query = self.q_norm(split_heads(self.q_proj(x), self.head_dim))
        if states is None:
            key, value = cache.layers[self.layer]
        else:
            key, value = self.k_proj(states), self.v_proj(states)
            heads = x.shape[0], -1, self.config.num_key_value_heads, self.head_dim
            key, value = key.view(heads).transpose(1, 2), value.view(heads).transpose(1, 2)
            key = self.k_norm(key)
            key, value = keep(key, value, cache, self.layer, kind="crossed")
        dropout = self.config.dropout if self.training else 0.0
        out, weights = attend(query, key, value, mask, True, self.head_dim**-0.5, dropout, is_eager(self.config))
        out = out.reshape(*x.shape[:-1], -1)
        return self.o_proj(out)


class MllamaSelfLayer(DecoderLayer):
    def forward(self, x, positions=None, mask=None, cache=None, image=None):
        return super().forward(x, positions, mask, cache)


class MllamaCrossLayer(Block):
    """Cross-attention and a feed-forward, each behind a gate; `image` has the patches, their mask, and the rows that see any."""

    def __init__(self, config, layer):
        super().__init__()
        self.cross_attn = MllamaCrossAttention(config, layer)
        self.input_layernorm = RMSNorm(config.hidden_size, eps=config.rms_norm_eps)
        self.cross_attn_attn_gate = nn.Parameter(torch.zeros(1))
        self.mlp = GatedMLP(config)
        self.post_attention_layernorm = RMSNorm(config.hidden_size, eps=config.rms_norm_eps)
        self.cross_attn_mlp_gate = nn.Parameter(torch.zeros(1))

    def forward(self, x, positions=None, mask=None, cache=None, image=None):
        states, seen, rows = image
        before = x
        x = self.input_layernorm(x)
        x = self.cross_attn(x, states, seen, cache)
        x = before + self.cross_attn_attn_gate.tanh() * x
        before = x
        x = self.post_attention_layernorm(x)
        x = self.mlp(x)
        if rows is not None:
            x = rows[:, 0] * x
        return before + self.cross_attn_mlp_gate.tanh() * x


class MllamaTextModel(Decoder):
    def layer_of(self, config, layer):
        return MllamaCrossLayer if layer in config.cross_attention_layers else MllamaSelfLayer

    def embedding(self, config):
        return nn.Embedding(config.vocab_size + 8, config.hidden_size, config.pad_token_id)

    def forward(self, input_ids=None, attention_mask=None, position_ids=None, cross_attention_states=None, cross_attention_mask=None, full_text_row_masked_out_mask=None, past_key_values=None, inputs_embeds=None, use_cache=None, **kwargs):
        x = self.embed_tokens(input_ids) if inputs_embeds is None else inputs_embeds
        use_cache = self.caches(use_cache)
        if use_cache and past_key_values is None:
            past_key_values = Cache()
        if position_ids is None:
            past = 0 if past_key_values is None else past_key_values.length()
            position_ids = (torch.arange(x.shape[1], device=x.device) + past).unsqueeze(0)
        mask = self.masks_of({None}, x, attention_mask, past_key_values, position_ids)[None]
        positions = self.rotary_emb(x, position_ids)
        image = cross_attention_states, cross_attention_mask, full_text_row_masked_out_mask
        for i, layer in enumerate(self.layers):
            kept = past_key_values is not None and past_key_values.length(i) > 0
            if i in self.config.cross_attention_layers and cross_attention_states is None and not kept:
                continue
            x = layer(x, positions, mask, past_key_values, image)
        x = self.norm(x)
        return Output(last_hidden_state=x, past_key_values=past_key_values)


class MllamaForCausalLM(ForCausalLM):
    base = MllamaTextModel

    def __init__(self, config):
        super().__init__(config.text_config or config)

    def scaled(self, logits):
        return logits.float()


def cross_mask(mask, patches, kind):
    """The tiles that each token may see as numbers added to its scores, and which tokens see any."""
    batch, length = mask.shape[:2]
    mask = mask.repeat_interleave(patches, dim=3)
    mask = mask.view(batch, length, -1)
    mask = mask.unsqueeze(1)
    inverted = (1.0 - mask).to(kind)
    lowest = torch.finfo(kind).min
    mask = inverted.masked_fill(inverted.to(torch.bool), lowest)
    rows = (mask != lowest).any(dim=-1).type_as(mask)[..., None]
    mask *= rows
    return mask, rows


class MllamaModel(Model):
    def __init__(self, config):
        super().__init__(config)
        self.vision_model = MllamaVisionModel(config.vision_config)
        self.language_model = MllamaTextModel(config.text_config)
        self.multi_modal_projector = nn.Linear(config.vision_config.vision_output_dim, config.text_config.hidden_size)

    def forward(self, input_ids=None, pixel_values=None, aspect_ratio_mask=None, aspect_ratio_ids=None, cross_attention_mask=None, cross_attention_states=None, past_key_values=None, inputs_embeds=None, **kwargs):
        states = cross_attention_states
        if pixel_values is not None:
            patches = self.vision_model(pixel_values, aspect_ratio_ids, aspect_ratio_mask).last_hidden_state
            states = self.multi_modal_projector(patches).reshape(-1, patches.shape[-2], self.config.text_config.hidden_size)
        mask, rows = cross_attention_mask, None
        if mask is not None:
            mask, rows = cross_mask(mask, self.config.vision_config.patches, self.multi_modal_projector.weight.dtype)
            past = 0 if past_key_values is None else past_key_values.length()
            new = input_ids if inputs_embeds is None else inputs_embeds
            places = torch.arange(new.shape[1], device=new.device) + past
            mask, rows = mask[:, :, places], rows[:, :, places]
        image = dict(cross_attention_states=states, cross_attention_mask=mask, full_text_row_masked_out_mask=rows)
        return self.language_model(input_ids, past_key_values=past_key_values, inputs_embeds=inputs_embeds, **image, **kwargs)


class MllamaForConditionalGeneration(Model):
    def __init__(self, config):
        super().__init__(config)
        self.model = MllamaModel(config)
        self.lm_head = nn.Linear(config.text_config.hidden_size, config.text_config.vocab_size, bias=False)

    def forward(self, input_ids=None, labels=None, logits_to_keep=0, **kwargs):
        out = self.model(input_ids, **kwargs)
        logits = self.lm_head(out.last_hidden_state[:, -logits_to_keep:, :])
        loss = None if labels is None else causal_loss(logits, labels, self.config.text_config.vocab_size)
        return Output(loss=loss, logits=logits, past_key_values=out.past_key_values)
