"""OPT: a decoder with learned positions, biases everywhere, and ReLU."""
import torch
from torch import nn
from torch.nn import functional as F

from .parts.activations import activation
from .parts.attention import attend, split_heads
from .parts.block import Block
from .parts.cache import Cache, keep
from .parts.config import Config
from .parts.heads import ForCausalLM, Model, SequenceHead, SpanHead
from .parts.masks import decoder_mask, is_eager
from .parts.output import Output


class OPTConfig(Config):
    model_type = "opt"
    defaults = dict(
        vocab_size=50272,
        hidden_size=768,
        num_hidden_layers=12,
        ffn_dim=3072,
        max_position_embeddings=2048,
        do_layer_norm_before=True,
        dropout=0.1,
        attention_dropout=0.0,
        num_attention_heads=12,
        activation_function="relu",
        pad_token_id=1,
        enable_bias=True,
        layer_norm_elementwise_affine=True,
    )

    def complete(self, given):
        self.word_embed_proj_dim = self.word_embed_proj_dim or self.hidden_size


class OPTPositions(nn.Embedding):
    """Learned positions; the first two rows are never used."""

    def forward(self, mask, past=0):
        places = (torch.cumsum(mask, dim=1) * mask - 1).long()[:, past:]
        return super().forward(places + 2)


class OPTAttention(nn.Module):
    def __init__(self, config, layer):
        super().__init__()
        self.config, self.layer = config, layer
        size, bias = config.hidden_size, config.enable_bias
        if size % config.num_attention_heads != 0:
            raise ValueError(f"hidden_size {size} is not a multiple of num_attention_heads {config.num_attention_heads}")
        self.head_dim = size // config.num_attention_heads
        self.k_proj = nn.Linear(size, size, bias=bias)
        self.v_proj = nn.Linear(size, size, bias=bias)
        self.q_proj = nn.Linear(size, size, bias=bias)
        self.out_proj = nn.Linear(size, size, bias=bias)

    def forward(self, x, mask=None, cache=None):
        query = split_heads(self.q_proj(x) * self.head_dim**-0.5, self.head_dim)
        key, value = split_heads(self.k_proj(x), self.head_dim), split_heads(self.v_proj(x), self.head_dim)
        key, value = keep(key, value, cache, self.layer)
        dropout = self.config.attention_dropout if self.training else 0.0
        eager = is_eager(self.config)
        out, weights = attend(query, key, value, mask, causal=True, scale=1.0, dropout=dropout, eager=eager)
        out = out.reshape(*x.shape[:-1], -1)
        out = self.out_proj(out)
        return out, weights


class OPTDecoderLayer(Block):
    def __init__(self, config, layer):
        super().__init__()
        self.config = config
        size, affine = config.hidden_size, config.layer_norm_elementwise_affine
        self.self_attn = OPTAttention(config, layer)
        self.activation_fn = activation(config.activation_function)
        self.self_attn_layer_norm = nn.LayerNorm(size, elementwise_affine=affine)
        self.fc1 = nn.Linear(size, config.ffn_dim, bias=config.enable_bias)
        self.fc2 = nn.Linear(config.ffn_dim, size, bias=config.enable_bias)
        self.final_layer_norm = nn.LayerNorm(size, elementwise_affine=affine)

    def around(self, x, norm, half):
        first = self.config.do_layer_norm_before
        out = x + F.dropout(half(norm(x) if first else x), p=self.config.dropout, training=self.training)
        return out if first else norm(out)

    def forward(self, x, mask=None, cache=None):
        x = self.around(x, self.self_attn_layer_norm, lambda h: self.self_attn(h, mask, cache)[0])
        flat = x.reshape(-1, x.size(-1))
        return self.around(flat, self.final_layer_norm, lambda h: self.fc2(self.activation_fn(self.fc1(h)))).view(x.shape)


class OPTDecoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        size, words = config.hidden_size, config.word_embed_proj_dim
        self.embed_tokens = nn.Embedding(config.vocab_size, words, config.pad_token_id)
        self.embed_positions = OPTPositions(config.max_position_embeddings + 2, size)
        self.project_out = nn.Linear(size, words, bias=False) if words != size else None
        self.project_in = nn.Linear(words, size, bias=False) if words != size else None
        normed = config.do_layer_norm_before and not config._remove_final_layer_norm
        affine = config.layer_norm_elementwise_affine
        self.final_layer_norm = nn.LayerNorm(size, elementwise_affine=affine) if normed else None
        self.layers = nn.ModuleList([OPTDecoderLayer(config, i) for i in range(config.num_hidden_layers)])

    def forward(self, input_ids=None, attention_mask=None, inputs_embeds=None, cache=None):
        x = self.embed_tokens(input_ids) if inputs_embeds is None else inputs_embeds
        past = 0 if cache is None else cache.length()
        real = torch.ones(x.shape[0], x.shape[1] + past, device=x.device) if attention_mask is None else attention_mask
        places = self.embed_positions(real, past)
        mask = decoder_mask(self.config, x, attention_mask, None, cache)
        if self.project_in is not None:
            x = self.project_in(x)
        x = x + places
        for layer in self.layers:
            x = layer(x, mask, cache)
        if self.final_layer_norm is not None:
            x = self.final_layer_norm(x)
        return x if self.project_out is None else self.project_out(x)


class OPTModel(Model):
    def __init__(self, config):
        super().__init__(config)
        self.decoder = OPTDecoder(config)

    def forward(self, input_ids=None, attention_mask=None, past_key_values=None, inputs_embeds=None, use_cache=None, **kwargs):
        use_cache = self.config.use_cache if use_cache is None else use_cache
        cache = Cache() if use_cache and past_key_values is None else past_key_values
        return Output(last_hidden_state=self.decoder(input_ids, attention_mask, inputs_embeds, cache), past_key_values=cache)


class OPTForCausalLM(ForCausalLM):
    base = OPTModel

    def width(self, config):
        return config.word_embed_proj_dim

    def embedding(self):
        return self.model.decoder.embed_tokens


class OPTForSequenceClassification(SequenceHead):
    base = OPTModel

    def width(self, config):
        return config.word_embed_proj_dim


class OPTForQuestionAnswering(SpanHead):
    base, name = OPTModel, "model"

    def width(self, config):
        return config.word_embed_proj_dim
