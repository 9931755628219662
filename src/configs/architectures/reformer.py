"""Reformer: attention within chunks or among tokens of one hash, in layers that are run backwards instead of kept."""
import math

import torch
from torch import nn
from torch.nn import functional as F

from .parts.activations import activation
from .parts.chunked import LocalSelfAttention, LSHSelfAttention
from .parts.config import Config
from .parts.heads import Model, spans
from .parts.losses import causal_loss, classification_loss, plain_loss
from .parts.output import Output
from .parts.reversible import run


class ReformerConfig(Config):
    model_type = "reformer"
    defaults = dict(
        attention_head_size=64,
        attn_layers=["local", "lsh", "local", "lsh", "local", "lsh"],
        axial_pos_embds=True,
        axial_pos_shape=[64, 64],
        axial_pos_embds_dim=[64, 192],
        feed_forward_size=512,
        hash_seed=None,
        hidden_act="relu",
        hidden_dropout_prob=0.05,
        hidden_size=256,
        layer_norm_eps=1e-12,
        local_num_chunks_before=1,
        local_num_chunks_after=0,
        local_attention_probs_dropout_prob=0.05,
        local_attn_chunk_length=64,
        lsh_attn_chunk_length=64,
        lsh_attention_probs_dropout_prob=0.0,
        lsh_num_chunks_before=1,
        lsh_num_chunks_after=0,
        max_position_embeddings=4096,
        num_attention_heads=12,
        num_buckets=None,
        num_hashes=1,
        vocab_size=320,
        tie_word_embeddings=False,
        classifier_dropout=None,
        pad_token_id=0,
    )

    def complete(self, given):
        self.num_hidden_layers = given.get("num_hidden_layers", len(self.attn_layers))
        kinds = set(self.attn_layers)
        if not kinds or kinds - {"local", "lsh"}:
            raise ValueError(f"attn_layers {self.attn_layers} holds other words than 'local' and 'lsh'")
        chunks = [getattr(self, f"{kind}_attn_chunk_length") for kind in sorted(kinds)]
        #: The shortest chunk, and what texts longer than that are padded to.
        self.least_chunk, self.common_chunk = min(chunks), math.lcm(*chunks)


class AxialPositionEmbeddings(nn.Module):
    """A grid of positions whose vectors are one of the row beside one of the column."""

    def __init__(self, config):
        super().__init__()
        self.config, self.shape = config, tuple(config.axial_pos_shape)
        if sum(config.axial_pos_embds_dim) != config.hidden_size:
            raise ValueError(f"axial_pos_embds_dim {config.axial_pos_embds_dim} do not add up to hidden_size {config.hidden_size}")
        self.weights = nn.ParameterList()
        for axis, width in enumerate(config.axial_pos_embds_dim):
            sizes = [1] * len(self.shape)
            sizes[axis] = self.shape[axis]
            self.weights.append(nn.Parameter(torch.ones((*sizes, width), dtype=torch.float32)))

    def forward(self, places):
        batch, length = places.shape
        grids = [weight.expand((batch,) + self.shape + weight.shape[-1:]) for weight in self.weights]
        count, dropout = math.prod(self.shape), self.config.hidden_dropout_prob
        if self.training:
            if count != length:
                raise ValueError(f"a text of {length} tokens is trained on, but axial_pos_shape {self.shape} has {count} positions")
            if dropout == 0:
                return torch.cat([torch.reshape(grid, (batch, length, -1)) for grid in grids], dim=-1)
            grid = torch.cat(grids, dim=-1).transpose(2, 1)
            grid = F.dropout2d(grid, p=dropout, training=True).transpose(2, 1)
            return torch.reshape(grid, (batch, length, -1))
        if count < length:
            raise ValueError(f"{length} tokens are more than the {count} positions of axial_pos_shape {self.shape}")
        columns = (places.max().item() + self.shape[1]) // self.shape[1]
        found = torch.cat([grid[:, :columns] for grid in grids], dim=-1)
        found = torch.reshape(found, (batch, -1, found.shape[-1]))
        return torch.cat([torch.index_select(found[i], 0, places[i]).unsqueeze(0) for i in range(batch)], dim=0)


class PositionEmbeddings(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.dropout = config.hidden_dropout_prob
        self.embedding = nn.Embedding(config.max_position_embeddings, config.hidden_size)

    def forward(self, places):
        return F.dropout(self.embedding(places), p=self.dropout, training=self.training)


class ReformerEmbeddings(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        self.word_embeddings = nn.Embedding(config.vocab_size, config.hidden_size)
        self.position_embeddings = AxialPositionEmbeddings(config) if config.axial_pos_embds else PositionEmbeddings(config)

    def forward(self, input_ids, position_ids=None):
        batch, length = input_ids.shape
        if position_ids is None:
            position_ids = torch.arange(0, length, dtype=torch.long, device=input_ids.device)
            position_ids = position_ids.unsqueeze(0).expand(batch, length)
        words = self.word_embeddings(input_ids)
        longest = self.config.max_position_embeddings
        if length > longest:
            raise ValueError(f"{length} tokens are more than max_position_embeddings {longest}")
        x = F.dropout(words, p=self.config.hidden_dropout_prob, training=self.training)
        return x + self.position_embeddings(position_ids)


class Dense(nn.Module):
    """A linear layer and dropout, and an activation where there is one."""

    def __init__(self, config, inner, outer, bias=True, act=None):
        super().__init__()
        self.dropout = config.hidden_dropout_prob
        self.act_fn = None if act is None else activation(act)
        self.dense = nn.Linear(inner, outer, bias=bias)

    def forward(self, x):
        x = self.dense(x)
        x = F.dropout(x, p=self.dropout, training=self.training)
        return x if self.act_fn is None else self.act_fn(x)


class ReformerFeedForward(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.layer_norm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.dense = Dense(config, config.hidden_size, config.feed_forward_size, act=config.hidden_act)
        self.output = Dense(config, config.feed_forward_size, config.hidden_size)

    def forward(self, x):
        x = self.layer_norm(x)
        x = self.dense(x)
        return self.output(x)


class States:
    """What later tokens need of each layer: the buckets of its tokens, none where it does not hash, and its normalised inputs."""

    def __init__(self):
        self.buckets, self.inputs = [], []

    def keep(self, buckets, x):
        self.buckets.append(buckets)
        self.inputs.append(x)


class ReformerAttention(nn.Module):
    def __init__(self, config, layer):
        super().__init__()
        self.layer = layer
        self.layer_norm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.self_attention = (LSHSelfAttention if config.attn_layers[layer] == "lsh" else LocalSelfAttention)(config)
        width = config.num_attention_heads * config.attention_head_size
        self.output = Dense(config, width, config.hidden_size, bias=False)

    def forward(self, x, padding=None, states=None, length=None, buckets=None):
        """What attention adds, and the buckets of tokens that hash; `states` takes what later tokens need."""
        x = self.layer_norm(x)
        out, buckets = self.self_attention(x, padding, buckets)
        if states is not None:
            kept = None if buckets is None else buckets[:, :, :, :length] if length > 1 else buckets
            states.keep(torch.tensor([], device=x.device) if kept is None else kept, x[:, :length])
        return self.output(out), buckets


class ReformerLayer(nn.Module):
    def __init__(self, config, layer):
        super().__init__()
        self.attention = ReformerAttention(config, layer)
        self.feed_forward = ReformerFeedForward(config)

    def forward(self, before, x, padding=None, states=None, length=None):
        with torch.no_grad():
            attended, buckets = self.attention(x, padding, states, length)
            attended = before + attended
            x = x + self.feed_forward(attended)
        return attended, x, buckets

    def backward_pass(self, attended, x, grad_attended, grad, padding, buckets):
        """The layer's inputs from its outputs, and their gradients."""
        with torch.enable_grad():
            attended.requires_grad = True
            fed = self.feed_forward(attended)
            fed.backward(grad, retain_graph=True)
        with torch.no_grad():
            x = x - fed
            del fed
            grad_attended = grad_attended + attended.grad
            attended.grad = None
        with torch.enable_grad():
            x.requires_grad = True
            out, _ = self.attention(x, padding, buckets=buckets)
            out.backward(grad_attended, retain_graph=True)
        with torch.no_grad():
            before = attended - out
            del out, attended
            grad = grad + x.grad
            x.grad = None
            x = x.detach()
        return before, x, grad_attended, grad


class ReformerEncoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.dropout = config.hidden_dropout_prob
        self.layers = nn.ModuleList([ReformerLayer(config, i) for i in range(config.num_hidden_layers)])
        self.layer_norm = nn.LayerNorm(2 * config.hidden_size, eps=config.layer_norm_eps)

    def forward(self, x, padding, states, length):
        x = torch.cat([x, x], dim=-1)
        x = run(x, self.layers, padding, states, length)
        x = self.layer_norm(x)
        return F.dropout(x, p=self.dropout, training=self.training)


class ReformerModel(Model):
    """A text longer than the shortest chunk is padded to whole chunks."""

    def __init__(self, config):
        super().__init__(config)
        self.embeddings = ReformerEmbeddings(config)
        self.encoder = ReformerEncoder(config)

    def forward(self, input_ids=None, attention_mask=None, position_ids=None, use_cache=None, **kwargs):
        use_cache = self.config.use_cache if use_cache is None else use_cache
        batch, length = input_ids.shape
        chunk, device = self.config.common_chunk, input_ids.device
        missing = -length % chunk if length > self.config.least_chunk else 0
        if missing > 0:
            if self.training:
                raise ValueError(f"a text of {length} tokens is trained on, which is not a multiple of the chunk length {chunk}")
            more = torch.full((batch, missing), self.config.pad_token_id, device=device, dtype=torch.long)
            if attention_mask is None:
                attention_mask = torch.ones((batch, length), device=device, dtype=torch.bool)
            hidden = torch.zeros((batch, missing), device=device, dtype=attention_mask.dtype)
            attention_mask = torch.cat([attention_mask, hidden], dim=-1)
            input_ids = torch.cat([input_ids, more], dim=-1)
        x = self.embeddings(input_ids, position_ids)
        states = States() if use_cache else None
        x = self.encoder(x, attention_mask, states, length)
        if missing > 0:
            x = x[:, :length]
        return Output(last_hidden_state=x, past_buckets_states=states)


class ReformerOnlyLMHead(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.decoder = nn.Linear(2 * config.hidden_size, config.vocab_size, bias=False)
        self.bias = nn.Parameter(torch.zeros(config.vocab_size))

    def forward(self, x):
        return self.decoder(x)


class Headed(Model):
    def __init__(self, config):
        super().__init__(config)
        self.reformer = ReformerModel(config)


class ReformerForMaskedLM(Headed):
    def __init__(self, config):
        if config.is_decoder:
            raise ValueError("is_decoder is true, but masked words are read from both sides")
        super().__init__(config)
        self.lm_head = ReformerOnlyLMHead(config)

    def forward(self, input_ids=None, labels=None, attention_mask=None, position_ids=None, **kwargs):
        logits = self.lm_head(self.reformer(input_ids, attention_mask, position_ids, use_cache=False).last_hidden_state)
        return Output(loss=None if labels is None else plain_loss(logits, labels, self.config.vocab_size), logits=logits)


class ReformerModelWithLMHead(Headed):
    def __init__(self, config):
        if not config.is_decoder:
            raise ValueError("is_decoder is false, but the next word is read from one side")
        for kind in set(config.attn_layers):
            after = getattr(config, f"{kind}_num_chunks_after")
            if after != 0:
                raise ValueError(f"{kind}_num_chunks_after is {after}, but a decoder sees no later chunk")
        super().__init__(config)
        self.lm_head = ReformerOnlyLMHead(config)

    def targets(self):
        return {"labels": "int64[B, T]"}

    def forward(self, input_ids=None, labels=None, logits_to_keep=0, **kwargs):
        out = self.reformer(input_ids, **kwargs)
        logits = self.lm_head(out.last_hidden_state[:, -logits_to_keep:, :])
        loss = None if labels is None else causal_loss(logits, labels, self.config.vocab_size)
        return Output(loss=loss, logits=logits, past_buckets_states=out.past_buckets_states)


class ReformerClassificationHead(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.dense = nn.Linear(2 * config.hidden_size, config.hidden_size)
        dropout = config.hidden_dropout_prob if config.classifier_dropout is None else config.classifier_dropout
        self.dropout = nn.Dropout(dropout)
        self.out_proj = nn.Linear(config.hidden_size, config.num_labels)

    def forward(self, x):
        x = torch.tanh(self.dense(self.dropout(x[:, 0, :])))
        return self.out_proj(self.dropout(x))


class ReformerForSequenceClassification(Headed):
    def __init__(self, config):
        super().__init__(config)
        self.classifier = ReformerClassificationHead(config)

    def forward(self, input_ids=None, labels=None, **kwargs):
        logits = self.classifier(self.reformer(input_ids, **kwargs).last_hidden_state)
        return Output(loss=None if labels is None else classification_loss(logits, labels, self.config), logits=logits)


class ReformerForQuestionAnswering(Headed):
    def __init__(self, config):
        super().__init__(config)
        self.qa_outputs = nn.Linear(2 * config.hidden_size, config.num_labels)

    def forward(self, input_ids=None, start_positions=None, end_positions=None, attention_mask=None, position_ids=None, **kwargs):
        hidden = self.reformer(input_ids, attention_mask, position_ids, use_cache=False).last_hidden_state
        return spans(self.qa_outputs(hidden), start_positions, end_positions)
