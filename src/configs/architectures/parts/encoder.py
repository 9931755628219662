"""BERT's blocks, from which most encoders differ by their embeddings and heads."""
import torch
from torch import nn

from .activations import activation
from .attention import attend, split_heads
from .block import Block
from .cache import Cache, keep, keep_crossed
from .heads import Model
from .masks import decoder_mask, is_eager, memory_mask as cross_mask, padding_mask
from .output import Output


class Embeddings(nn.Module):
    """Words, positions and segments, normalised. Segments that are not given are all zero."""

    def __init__(self, config, size=None):
        super().__init__()
        size = size or config.hidden_size
        length = config.max_position_embeddings
        self.word_embeddings = nn.Embedding(config.vocab_size, size, padding_idx=config.pad_token_id)
        self.position_embeddings = nn.Embedding(length, size)
        self.token_type_embeddings = nn.Embedding(config.type_vocab_size, size)
        self.LayerNorm = nn.LayerNorm(size, eps=config.layer_norm_eps)
        self.dropout = nn.Dropout(config.hidden_dropout_prob)
        self.register_buffer("position_ids", torch.arange(length).expand((1, -1)), persistent=False)
        self.register_buffer("token_type_ids", torch.zeros((1, length), dtype=torch.long), persistent=False)

    def positions(self, input_ids, x, past):
        return self.position_ids[:, past : x.shape[1] + past]

    def forward(self, input_ids=None, token_type_ids=None, position_ids=None, inputs_embeds=None, past=0):
        if inputs_embeds is None:
            inputs_embeds = self.word_embeddings(input_ids)
        x = inputs_embeds
        if position_ids is None:
            position_ids = self.positions(input_ids, x, past)
        if token_type_ids is None:
            kinds = self.token_type_ids.expand(position_ids.shape[0], -1)
            token_type_ids = torch.gather(kinds, dim=1, index=position_ids).expand(x.shape[0], x.shape[1])
        kind = self.token_type_embeddings(token_type_ids)
        x = inputs_embeds + kind
        place = self.position_embeddings(position_ids)
        x = x + place
        x = self.LayerNorm(x)
        return self.dropout(x)


class RobertaEmbeddings(Embeddings):
    """Positions that are counted from behind the padding token's number."""

    def __init__(self, config):
        super().__init__(config)
        self.padding_idx = config.pad_token_id
        self.position_embeddings = nn.Embedding(config.max_position_embeddings, config.hidden_size, padding_idx=self.padding_idx)

    def positions(self, input_ids, x, past):
        first = self.padding_idx + 1
        if input_ids is None:
            return torch.arange(first, x.shape[1] + first, dtype=torch.long, device=x.device).unsqueeze(0).expand(x.shape[:2])
        real = input_ids.ne(self.padding_idx).int()
        counted = (torch.cumsum(real, dim=1).type_as(real) + past) * real
        return counted.long() + self.padding_idx


class SelfAttention(nn.Module):
    def __init__(self, config, layer=0, cross=False):
        super().__init__()
        self.config, self.layer, self.cross = config, layer, cross
        size = config.hidden_size
        if size % config.num_attention_heads != 0:
            raise ValueError(f"hidden_size {size} is not a multiple of num_attention_heads {config.num_attention_heads}")
        self.head_dim = size // config.num_attention_heads
        self.query = nn.Linear(size, size)
        self.key = nn.Linear(size, size)
        self.value = nn.Linear(size, size)
        self.dropout = nn.Dropout(config.attention_probs_dropout_prob)

    def forward(self, x, mask=None, cache=None, memory=None):
        source = x if memory is None else memory
        query = split_heads(self.query(x), self.head_dim)
        key, value = split_heads(self.key(source), self.head_dim), split_heads(self.value(source), self.head_dim)
        causal = self.config.is_decoder and not self.cross
        if causal:
            key, value = keep(key, value, cache, self.layer)
        elif self.cross:
            key, value = keep_crossed(lambda: (key, value), None, self.layer)
        dropout = self.dropout.p if self.training else 0.0
        eager = is_eager(self.config)
        out, weights = attend(query, key, value, mask, causal, self.head_dim**-0.5, dropout, eager, wide=False)
        out = out.reshape(*x.shape[:-1], -1)
        return out, weights


class ResidualOutput(nn.Module):
    """A linear layer whose result is added to what came in, then normalised."""

    def __init__(self, config, width):
        super().__init__()
        self.dense = nn.Linear(width, config.hidden_size)
        self.LayerNorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.dropout = nn.Dropout(config.hidden_dropout_prob)

    def forward(self, x, residual):
        return self.LayerNorm(self.dropout(self.dense(x)) + residual)


class AttentionBlock(nn.Module):
    def __init__(self, config, layer=0, cross=False):
        super().__init__()
        self.self = SelfAttention(config, layer, cross)
        self.output = ResidualOutput(config, config.hidden_size)

    def forward(self, x, mask=None, cache=None, memory=None):
        out, weights = self.self(x, mask, cache, memory)
        out = self.output(out, x)
        return out, weights


class Intermediate(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.dense = nn.Linear(config.hidden_size, config.intermediate_size)
        self.intermediate_act_fn = activation(config.hidden_act)

    def forward(self, x):
        return self.intermediate_act_fn(self.dense(x))


class Layer(Block):
    def __init__(self, config, layer=0):
        super().__init__()
        self.attention = AttentionBlock(config, layer)
        if config.add_cross_attention:
            self.crossattention = AttentionBlock(config, layer, cross=True)
        self.intermediate = Intermediate(config)
        self.output = ResidualOutput(config, config.intermediate_size)

    def forward(self, x, mask=None, cache=None, memory=None, memory_mask=None):
        attended, weights = self.attention(x, mask, cache)
        out = attended
        if memory is not None:
            crossed, weights = self.crossattention(attended, memory_mask, None, memory)
            out = crossed
        return self.feed(out)

    def feed(self, x):
        inner = self.intermediate(x)
        return self.output(inner, x)


class Encoder(nn.Module):
    layer_class = Layer

    def __init__(self, config):
        super().__init__()
        self.layer = nn.ModuleList([self.layer_class(config, i) for i in range(config.num_hidden_layers)])

    def forward(self, x, mask=None, cache=None, memory=None, memory_mask=None):
        for layer in self.layer:
            x = layer(x, mask, cache, memory, memory_mask)
        return x


class Pooler(nn.Module):
    """The first token's vector, through a linear layer and tanh."""

    def __init__(self, config):
        super().__init__()
        self.dense = nn.Linear(config.hidden_size, config.hidden_size)
        self.activation = nn.Tanh()

    def forward(self, x):
        return self.activation(self.dense(x[:, 0]))


class EncoderModel(Model):
    """Embeddings, encoder, and a pooler where the head on top wants one."""

    embeddings_class = Embeddings
    encoder_class = Encoder
    pooler_class = Pooler

    def __init__(self, config, pooling=True):
        super().__init__(config)
        self.embeddings = self.embeddings_class(config)
        self.encoder = self.encoder_class(config)
        self.pooler = self.pooler_class(config) if pooling and self.pooler_class else None

    def forward(self, input_ids=None, attention_mask=None, token_type_ids=None, position_ids=None, inputs_embeds=None, encoder_hidden_states=None, encoder_attention_mask=None, past_key_values=None, use_cache=None, **kwargs):
        decodes = self.config.is_decoder
        use_cache = decodes and self.caches(use_cache)
        if use_cache and past_key_values is None:
            past_key_values = Cache()
        past = 0 if past_key_values is None else past_key_values.length()
        embedded = self.embed(input_ids, token_type_ids, position_ids, inputs_embeds, past)
        x = embedded
        config = self.config
        mask = decoder_mask(config, x, attention_mask, None, past_key_values) if decodes else padding_mask(config, x, attention_mask)
        memory_mask = cross_mask(config, x, encoder_attention_mask, encoder_hidden_states)
        x = self.encoder(x, mask, past_key_values, encoder_hidden_states, memory_mask)
        pooled = None if self.pooler is None else self.pooler(x)
        return Output(last_hidden_state=x, pooler_output=pooled, past_key_values=past_key_values if use_cache else None)

    def embed(self, input_ids, token_type_ids, position_ids, inputs_embeds, past):
        return self.embeddings(input_ids, token_type_ids, position_ids, inputs_embeds, past)
