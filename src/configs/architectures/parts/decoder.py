"""A decoder in Llama's manner, from which most families differ by a few lines: norms, biases, windows, feed-forwards."""
import torch
from torch import nn

from .activations import activation
from .attention import RMSNorm, attend, split_heads
from .block import Block
from .cache import Cache, keep
from .config import head_size
from .heads import Model
from .masks import decoder_mask, is_eager, padding_mask
from .output import Output
from .rotary import RotaryEmbedding, TypedRotaryEmbedding, rotate, rotate_pairs


class Attention(nn.Module):
    """Queries in groups that share key and value heads, with rotary positions.

    `pairs`: neighbouring features turn together, not those half the width apart. `out_name` names the output layer.
    """

    pairs = False
    #: What bounds the scores; eager attention alone knows it.
    cap = None
    out_name = "o_proj"

    def __init__(self, config, layer, bias=False, out_bias=None, window=None):
        super().__init__()
        self.config, self.layer, self.window = config, layer, window
        self.bidirectional = bool(config.use_bidirectional_attention)
        self.head_dim = head_size(config)
        self.scale = self.head_dim**-0.5
        queries, keys = (n * self.head_dim for n in (config.num_attention_heads, config.num_key_value_heads))
        self.q_proj = nn.Linear(config.hidden_size, queries, bias=bias)
        self.k_proj = nn.Linear(config.hidden_size, keys, bias=bias)
        self.v_proj = nn.Linear(config.hidden_size, keys, bias=bias)
        setattr(self, self.out_name, nn.Linear(queries, config.hidden_size, bias=bias if out_bias is None else out_bias))

    def heads(self, x):
        """Queries, keys and values as `[B, heads, T, width]`, before their rotation, and what else `out` takes."""
        return [split_heads(proj(x), self.head_dim) for proj in (self.q_proj, self.k_proj, self.v_proj)]

    def turn(self, query, key, positions):
        if positions is None:
            return query, key
        return (rotate_pairs if self.pairs else rotate)(query, key, positions)

    def forward(self, x, positions=None, mask=None, cache=None):
        query, key, value, *more = self.heads(x)
        query, key = self.turn(query, key, positions)
        key, value = keep(key, value, cache, self.layer, self.window)
        out, weights = self.weigh(query, key, value, mask)
        out = out.reshape(*x.shape[:-1], -1)
        out = self.out(out, x, *more)
        return out, weights

    def weigh(self, query, key, value, mask):
        dropout = (self.config.attention_dropout or 0.0) if self.training else 0.0
        eager = is_eager(self.config)
        return attend(query, key, value, mask, not self.bidirectional, self.scale, dropout, eager, cap=self.cap)

    def out(self, mixed, x):
        return getattr(self, self.out_name)(mixed)


class GatedMLP(nn.Module):
    """`down(act(gate(x)) · up(x))`."""

    def __init__(self, config, width=None, bias=False, act=None):
        super().__init__()
        width = width or config.intermediate_size
        self.gate_proj = nn.Linear(config.hidden_size, width, bias=bias)
        self.up_proj = nn.Linear(config.hidden_size, width, bias=bias)
        self.down_proj = nn.Linear(width, config.hidden_size, bias=bias)
        self.act_fn = activation(act or config.hidden_act)

    def forward(self, x):
        return self.down_proj(self.act_fn(self.gate_proj(x)) * self.up_proj(x))


class PlainMLP(nn.Module):
    """Two linear layers and the activation between them; `names` are theirs and the activation's."""

    names = ("fc1", "fc2", "activation_fn")

    def __init__(self, config, bias=True, act=None):
        super().__init__()
        first, second, third = self.names
        setattr(self, first, nn.Linear(config.hidden_size, config.intermediate_size, bias=bias))
        setattr(self, second, nn.Linear(config.intermediate_size, config.hidden_size, bias=bias))
        setattr(self, third, activation(act or config.hidden_act))

    def forward(self, x):
        first, second, act = (getattr(self, name) for name in self.names)
        return second(act(first(x)))


class DecoderLayer(Block):
    """Attention and a feed-forward, each behind a norm and beside a residual."""

    norm = RMSNorm

    def __init__(self, config, layer):
        super().__init__()
        self.self_attn = self.attention(config, layer)
        self.mlp = self.feed_forward(config, layer)
        self.norms(config)

    def norms(self, config):
        self.input_layernorm = self.norm(config.hidden_size, eps=config.rms_norm_eps)
        self.post_attention_layernorm = self.norm(config.hidden_size, eps=config.rms_norm_eps)

    def attention(self, config, layer):
        return Attention(config, layer)

    def feed_forward(self, config, layer):
        return GatedMLP(config)

    def forward(self, x, positions=None, mask=None, cache=None):
        before = x
        x = self.input_layernorm(x)
        x, weights = self.self_attn(x, positions, mask, cache)
        x = before + x
        before = x
        x = self.post_attention_layernorm(x)
        x = self.mlp(x)
        return before + x


def window_of(config, layer):
    """The layer's attention window: where the config gives one and the layer's type says so."""
    kinds = config.layer_types
    if kinds is None:
        return config.sliding_window
    return config.sliding_window if kinds[layer] == "sliding_attention" else None


class Decoder(Model):
    """Embedding, layers, a norm. `layer_class` and `norm_class` are the family's."""

    layer_class = DecoderLayer
    norm_class = RMSNorm
    cache_class = Cache
    embed_name = "embed_tokens"
    norm_name = "norm"

    def __init__(self, config):
        super().__init__(config)
        setattr(self, self.embed_name, self.embedding(config))
        self.layers = nn.ModuleList([self.layer_of(config, i)(config, i) for i in range(config.num_hidden_layers)])
        setattr(self, self.norm_name, self.last_norm(config))
        self.rotary_emb = self.rotary(config)

    def layer_of(self, config, layer):
        return self.layer_class

    def embedding(self, config):
        return nn.Embedding(config.vocab_size, config.hidden_size, config.pad_token_id)

    def last_norm(self, config):
        return self.norm_class(config.hidden_size, eps=config.rms_norm_eps)

    def rotary(self, config):
        return RotaryEmbedding(config)

    def forward(self, input_ids=None, attention_mask=None, position_ids=None, past_key_values=None, inputs_embeds=None, use_cache=None, **kwargs):
        if inputs_embeds is None:
            inputs_embeds = getattr(self, self.embed_name)(input_ids)
        held = self.held(input_ids, inputs_embeds, kwargs)
        use_cache = self.caches(use_cache)
        if use_cache and past_key_values is None:
            past_key_values = self.cache_class()
        past = 0 if past_key_values is None else past_key_values.length()
        if position_ids is None:
            position_ids = torch.arange(inputs_embeds.shape[1], device=inputs_embeds.device) + past
            position_ids = position_ids.unsqueeze(0)
        masks = self.masks(inputs_embeds, attention_mask, past_key_values, position_ids)
        x = self.embedded(inputs_embeds)
        positions = self.positions(x, position_ids)
        for i, layer in enumerate(self.layers):
            x = self.step(i, layer, x, self.positions_for(positions, i), masks[self.window(i)], past_key_values, held)
        x = getattr(self, self.norm_name)(x)
        return Output(last_hidden_state=x, past_key_values=past_key_values if use_cache else None)

    def held(self, input_ids, x, given):
        """What layers find beside their input, and what they leave for later ones."""
        return {}

    def step(self, i, layer, x, positions, mask, cache, held):
        return layer(x, positions, mask, cache)

    def embedded(self, x):
        return x

    def window(self, layer):
        return window_of(self.config, layer)

    def masks(self, x, padding, cache, positions):
        """One mask for each window in use."""
        return self.masks_of({self.window(i) for i in range(self.config.num_hidden_layers)}, x, padding, cache, positions)

    def masks_of(self, windows, x, padding, cache, positions):
        if self.config.use_bidirectional_attention:
            short = {window: window is None or x.shape[1] < window for window in windows}
            return {window: padding_mask(self.config, x, padding, window=None if short[window] else window) for window in windows}
        return {window: decoder_mask(self.config, x, padding, window, cache, positions) for window in windows}

    def positions(self, x, position_ids):
        return self.rotary_emb(x, position_ids)

    def positions_for(self, positions, layer):
        return positions


class TypedDecoder(Decoder):
    """A decoder whose windowed layers turn by other frequencies than its full ones."""

    def rotary(self, config):
        return TypedRotaryEmbedding(config)

    def positions(self, x, position_ids):
        return {kind: self.rotary_emb(x, position_ids, f"{kind}_") for kind in sorted(set(self.config.layer_types))}

    def positions_for(self, positions, layer):
        return positions[self.config.layer_types[layer]]
