"""Moonshine: convolutions over the raw signal, an encoder and a decoder with rotary positions on a part of each head."""
import torch
from torch import nn
from torch.nn import functional as F

from .parts.activations import activation
from .parts.attention import attend, split_heads
from .parts.block import Block
from .parts.cache import Cache, keep, keep_crossed
from .parts.config import Config
from .parts.heads import Model
from .parts.losses import masked_loss
from .parts.masks import decoder_mask, is_eager, memory_mask as cross_mask, padding_mask
from .parts.output import Output
from .parts.pairs import shifted
from .parts.rotary import RotaryEmbedding, rotate_pairs

#: Kernel and step of the three convolutions over the signal.
STEM = ((127, 64), (7, 3), (3, 2))


class MoonshineConfig(Config):
    model_type = "moonshine"
    rope_theta = 10000.0
    attribute_map = {
        "num_attention_heads": "decoder_num_attention_heads",
        "num_key_value_heads": "decoder_num_key_value_heads",
        "num_hidden_layers": "decoder_num_hidden_layers",
        "hidden_act": "decoder_hidden_act",
    }
    defaults = dict(
        vocab_size=32768,
        hidden_size=288,
        intermediate_size=1152,
        encoder_num_hidden_layers=6,
        decoder_num_hidden_layers=6,
        encoder_num_attention_heads=8,
        decoder_num_attention_heads=8,
        encoder_num_key_value_heads=None,
        decoder_num_key_value_heads=None,
        pad_head_dim_to_multiple_of=None,
        encoder_hidden_act="gelu",
        decoder_hidden_act="silu",
        max_position_embeddings=512,
        decoder_start_token_id=1,
        is_encoder_decoder=True,
        attention_bias=False,
        attention_dropout=0.0,
        partial_rotary_factor=0.9,
    )

    def complete(self, given):
        """One number of heads serves both halves: the encoder's, where they differ."""
        heads, keys = self.encoder_num_attention_heads, self.encoder_num_key_value_heads
        self.decoder_num_attention_heads = heads
        self.encoder_num_key_value_heads = self.decoder_num_key_value_heads = keys or heads
        if self.encoder_num_key_value_heads != heads:
            raise ValueError(f"{keys} key and value heads and {heads} attention heads: the layers need as many of both")


class MoonshineAttention(nn.Module):
    def __init__(self, config, layer=0, decodes=False, cross=False):
        super().__init__()
        self.config, self.layer, self.decodes, self.cross = config, layer, decodes, cross
        heads, size = config.num_attention_heads, config.hidden_size
        self.head_dim = size // heads if config.head_dim is None else config.head_dim
        self.q_proj = nn.Linear(size, heads * self.head_dim, bias=config.attention_bias)
        self.k_proj = nn.Linear(size, heads * self.head_dim, bias=config.attention_bias)
        self.v_proj = nn.Linear(size, heads * self.head_dim, bias=config.attention_bias)
        self.o_proj = nn.Linear(heads * self.head_dim, size, bias=False)
        self.extra = -self.head_dim % (config.pad_head_dim_to_multiple_of or 1)

    def sources(self, x):
        return split_heads(self.k_proj(x), self.head_dim), split_heads(self.v_proj(x), self.head_dim)

    def forward(self, x, positions=None, mask=None, cache=None, memory=None):
        query = split_heads(self.q_proj(x), self.head_dim)
        if self.cross:
            key, value = keep_crossed(lambda: self.sources(memory), cache, self.layer)
        else:
            key, value = self.sources(x)
            query, key = rotate_pairs(query, key, positions)
            if self.decodes:
                key, value = keep(key, value, cache, self.layer)
        if self.extra:
            query, key, value = (F.pad(one, (0, self.extra)) for one in (query, key, value))
        dropout = self.config.attention_dropout if self.training else 0.0
        causal = self.decodes and not self.cross
        out, weights = attend(query, key, value, mask, causal, self.head_dim**-0.5, dropout, is_eager(self.config))
        if self.extra:
            out = out[..., : -self.extra]
        out = out.reshape(*x.shape[:-1], -1).contiguous()
        out = self.o_proj(out)
        return out, weights


class MoonshineMLP(nn.Module):
    """Two linear layers; the decoder's first gives a gate as well."""

    def __init__(self, config, gated):
        super().__init__()
        self.gated = gated
        self.activation_fn = activation(config.decoder_hidden_act if gated else config.encoder_hidden_act)
        self.fc1 = nn.Linear(config.hidden_size, config.intermediate_size * (2 if gated else 1))
        self.fc2 = nn.Linear(config.intermediate_size, config.hidden_size)

    def forward(self, x):
        x = self.fc1(x)
        if self.gated:
            x, gate = x.chunk(2, dim=-1)
            x = self.activation_fn(gate) * x
        else:
            x = self.activation_fn(x)
        return self.fc2(x)


class MoonshineLayer(Block):
    def __init__(self, config, layer, decodes):
        super().__init__()
        size = config.hidden_size
        self.self_attn = MoonshineAttention(config, layer, decodes)
        if decodes:
            self.encoder_attn = MoonshineAttention(config, layer, decodes, cross=True)
        self.mlp = MoonshineMLP(config, decodes)
        self.input_layernorm = nn.LayerNorm(size, bias=False)
        self.post_attention_layernorm = nn.LayerNorm(size, bias=False)
        if decodes:
            self.final_layernorm = nn.LayerNorm(size, bias=False)
        self.decodes = decodes

    def forward(self, x, positions=None, mask=None, cache=None, memory=None, memory_mask=None):
        before = x
        x = self.input_layernorm(x)
        x, weights = self.self_attn(x, positions, mask, cache)
        x = before + x
        if self.decodes and memory is not None:
            before = x
            x = self.post_attention_layernorm(x)
            x, weights = self.encoder_attn(x, None, memory_mask, cache, memory)
            x = before + x
        before = x
        x = (self.final_layernorm if self.decodes else self.post_attention_layernorm)(x)
        x = self.mlp(x)
        return before + x


class MoonshineEncoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        size = config.hidden_size
        self.conv1 = nn.Conv1d(1, size, *STEM[0], bias=False)
        self.conv2 = nn.Conv1d(size, 2 * size, *STEM[1])
        self.conv3 = nn.Conv1d(2 * size, size, *STEM[2])
        self.groupnorm = nn.GroupNorm(num_groups=1, num_channels=size, eps=1e-5)
        self.layers = nn.ModuleList([MoonshineLayer(config, i, False) for i in range(config.encoder_num_hidden_layers)])
        self.layer_norm = nn.LayerNorm(size, bias=False)
        self.rotary_emb = RotaryEmbedding(config, partial=True)

    def forward(self, input_values, padding=None):
        """The states `[B, frames, hidden]`, and the signal's padding as one of them."""
        x = torch.tanh(self.conv1(input_values.unsqueeze(1)))
        x = self.groupnorm(x)
        x = F.gelu(self.conv2(x))
        x = F.gelu(self.conv3(x))
        x = x.permute(0, 2, 1)
        if padding is not None:
            padding = padding[..., :: STEM[0][1] * STEM[1][1] * STEM[2][1]][..., : x.shape[1]]
        mask = padding_mask(self.config, x, padding)
        positions = torch.arange(0, x.shape[1], device=x.device).unsqueeze(0)
        positions = self.rotary_emb(x, positions)
        for layer in self.layers:
            x = layer(x, positions, mask)
        return self.layer_norm(x), None if padding is None else padding.int()


class MoonshineDecoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size, config.pad_token_id)
        self.layers = nn.ModuleList([MoonshineLayer(config, i, True) for i in range(config.decoder_num_hidden_layers)])
        self.norm = nn.LayerNorm(config.hidden_size, bias=False)
        self.rotary_emb = RotaryEmbedding(config, partial=True)

    def forward(self, input_ids, padding, memory, memory_padding, cache):
        x = self.embed_tokens(input_ids)
        past = 0 if cache is None else cache.length()
        places = (torch.arange(x.shape[1], device=x.device) + past).unsqueeze(0)
        mask = decoder_mask(self.config, x, padding, None, cache, places)
        memory_mask = cross_mask(self.config, x, memory_padding, memory)
        positions = self.rotary_emb(x, places)
        for layer in self.layers:
            x = layer(x, positions, mask, cache, memory, memory_mask)
        return self.norm(x)


class Listening(Model):
    """A second of sound at 16 kHz, and the text that it says."""

    def inputs(self):
        return {"input_values": "float32[B, 16000]", "decoder_input_ids": "int64[B, T]"}


class MoonshineModel(Listening):
    def __init__(self, config):
        super().__init__(config)
        self.encoder = MoonshineEncoder(config)
        self.decoder = MoonshineDecoder(config)

    def forward(self, input_values=None, attention_mask=None, decoder_input_ids=None, decoder_attention_mask=None, encoder_outputs=None, past_key_values=None, use_cache=None, **kwargs):
        cache = past_key_values
        if cache is None and self.caches(use_cache):
            cache = Cache()
        memory, padding = self.encoder(input_values, attention_mask) if encoder_outputs is None else (encoder_outputs[0], None)
        hidden = self.decoder(decoder_input_ids, decoder_attention_mask, memory, padding, cache)
        return Output(last_hidden_state=hidden, past_key_values=cache, encoder_last_hidden_state=memory)


class MoonshineForConditionalGeneration(Listening):
    def __init__(self, config):
        super().__init__(config)
        self.model = MoonshineModel(config)
        self.proj_out = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        if config.tie_word_embeddings:
            self.proj_out.weight = self.model.decoder.embed_tokens.weight

    def forward(self, input_values=None, decoder_input_ids=None, labels=None, **kwargs):
        if labels is not None and decoder_input_ids is None:
            if self.config.pad_token_id is None:
                raise ValueError("labels are given without decoder_input_ids, which cannot be made of them: pad_token_id is not set")
            decoder_input_ids = shifted(labels, self.config.decoder_start_token_id)
        out = self.model(input_values, decoder_input_ids=decoder_input_ids, **kwargs)
        logits = self.proj_out(out.last_hidden_state)
        loss = None if labels is None else masked_loss(logits, labels, self.config.vocab_size)
        return Output(loss=loss, logits=logits, past_key_values=out.past_key_values, encoder_last_hidden_state=out.encoder_last_hidden_state)
