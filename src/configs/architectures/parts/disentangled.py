"""What DeBERTa's two versions share: all but their attention and their norm."""
import torch
from torch import nn

from .block import Block
from .config import Config
from .encoder import Intermediate
from .heads import Model
from .output import Output


class DisentangledConfig(Config):
    defaults = dict(
        vocab_size=50265,
        hidden_size=768,
        num_hidden_layers=12,
        num_attention_heads=12,
        intermediate_size=3072,
        hidden_act="gelu",
        hidden_dropout_prob=0.1,
        attention_probs_dropout_prob=0.1,
        max_position_embeddings=512,
        type_vocab_size=0,
        layer_norm_eps=1e-7,
        relative_attention=False,
        max_relative_positions=-1,
        pad_token_id=0,
        position_biased_input=True,
        pos_att_type=None,
        pooler_dropout=0.0,
        pooler_hidden_act="gelu",
        legacy=True,
    )
    whole_heads = True

    def complete(self, given):
        kinds = self.pos_att_type or []
        self.pos_att_type = [kind.strip() for kind in kinds.lower().split("|")] if isinstance(kinds, str) else kinds
        self.pooler_hidden_size = self.pooler_hidden_size or self.hidden_size
        self.embedding_size = self.embedding_size or self.hidden_size
        if self.max_relative_positions < 1:
            self.max_relative_positions = self.max_position_embeddings


class Embeddings(nn.Module):
    """Words, and positions and segments where the config has them, normalised; padding is made zero."""

    def __init__(self, config, norm):
        super().__init__()
        size, length = config.embedding_size, config.max_position_embeddings
        self.word_embeddings = nn.Embedding(config.vocab_size, size, padding_idx=config.pad_token_id)
        self.position_embeddings = nn.Embedding(length, size) if config.position_biased_input else None
        self.token_type_embeddings = nn.Embedding(config.type_vocab_size, size) if config.type_vocab_size > 0 else None
        self.embed_proj = nn.Linear(size, config.hidden_size, bias=False) if size != config.hidden_size else None
        self.LayerNorm = norm(config.hidden_size, config.layer_norm_eps)
        self.dropout = nn.Dropout(config.hidden_dropout_prob)
        self.register_buffer("position_ids", torch.arange(length).expand((1, -1)), persistent=False)

    def forward(self, input_ids, token_type_ids, position_ids, mask, inputs_embeds=None):
        x = words = self.word_embeddings(input_ids) if inputs_embeds is None else inputs_embeds
        if self.position_embeddings is not None:
            x = x + self.position_embeddings((self.position_ids[:, : x.shape[1]] if position_ids is None else position_ids).long())
        else:
            places = torch.zeros_like(words)
        if self.token_type_embeddings is not None:
            x = x + self.token_type_embeddings(token_type_ids)
        if self.embed_proj is not None:
            x = self.embed_proj(x)
        x = self.LayerNorm(x)
        if mask.dim() != x.dim():
            mask = (mask.squeeze(1).squeeze(1) if mask.dim() == 4 else mask).unsqueeze(2)
        x = x * mask.to(x.dtype)
        return self.dropout(x)


def root(width, parts):
    """What scores are divided by: the root of the width, times how many scores are added."""
    return torch.sqrt(torch.tensor(width, dtype=torch.float) * parts)


class ResidualOutput(nn.Module):
    def __init__(self, config, width, norm):
        super().__init__()
        self.dense = nn.Linear(width, config.hidden_size)
        self.LayerNorm = norm(config.hidden_size, config.layer_norm_eps)
        self.dropout = nn.Dropout(config.hidden_dropout_prob)

    def forward(self, x, residual):
        x = self.dense(x)
        x = self.dropout(x)
        return self.LayerNorm(x + residual)


class AttentionBlock(nn.Module):
    def __init__(self, config, attention, norm):
        super().__init__()
        self.self = attention(config)
        self.output = ResidualOutput(config, config.hidden_size, norm)

    def forward(self, x, mask, distances, embedded):
        out = self.self(x, mask, distances, embedded)
        return self.output(out, x)


class Layer(Block):
    """One block of the encoder; `attention_class` and `norm_class` are the version's."""

    norm_class = None
    attention_class = None
    positional = 2

    def __init__(self, config):
        super().__init__()
        self.attention = AttentionBlock(config, self.attention_class, self.norm_class)
        self.intermediate = Intermediate(config)
        self.output = ResidualOutput(config, config.intermediate_size, self.norm_class)

    def forward(self, x, mask, distances, embedded):
        attended = self.attention(x, mask, distances, embedded)
        inner = self.intermediate(attended)
        return self.output(inner, attended)


class Encoder(nn.Module):
    """Blocks that share the vectors of the distances."""

    layer_class = Layer

    def __init__(self, config):
        super().__init__()
        self.config = config
        self.layer = nn.ModuleList([self.layer_class(config) for _ in range(config.num_hidden_layers)])
        if config.relative_attention:
            self.rel_embeddings = nn.Embedding(self.span(config) * 2, config.hidden_size)

    def span(self, config):
        return config.max_relative_positions

    def distances(self, x):
        """How far each token is from each, `[1, T, T]`."""
        places = torch.arange(x.size(-2), dtype=torch.long, device=x.device)
        found = places[:, None] - places.view(1, -1).repeat(x.size(-2), 1)
        return found.unsqueeze(0)

    def embedded(self):
        return self.rel_embeddings.weight

    def behind(self, layer, x, first, padding):
        """What goes on from a layer's output `x`; `first` is what the first layer was given."""
        return x

    def forward(self, x, padding):
        mask = padding
        if padding.dim() <= 2:
            wide = padding.unsqueeze(1).unsqueeze(2)
            mask = wide * wide.squeeze(-2).unsqueeze(-1)
        elif padding.dim() == 3:
            mask = padding.unsqueeze(1)
        relative = self.config.relative_attention
        distances = self.distances(x) if relative else None
        embedded = self.embedded() if relative else None
        states = [x]
        for i, layer in enumerate(self.layer):
            x = self.behind(i, layer(x, mask, distances, embedded), states[0], padding)
            states.append(x)
        return states


class DisentangledModel(Model):
    encoder_class = Encoder

    def __init__(self, config, pooling=False):
        super().__init__(config)
        self.embeddings = Embeddings(config, self.encoder_class.layer_class.norm_class)
        self.encoder = self.encoder_class(config)

    def forward(self, input_ids=None, attention_mask=None, token_type_ids=None, position_ids=None, inputs_embeds=None, **kwargs):
        given = input_ids if inputs_embeds is None else inputs_embeds
        shape = given.shape[:2]
        if attention_mask is None:
            attention_mask = torch.ones(shape, device=given.device)
        if token_type_ids is None:
            token_type_ids = torch.zeros(shape, dtype=torch.long, device=given.device)
        x = self.embeddings(input_ids, token_type_ids, position_ids, attention_mask, inputs_embeds)
        states = self.encoder(x, attention_mask)
        return Output(last_hidden_state=states[-1])
