"""DistilBERT: BERT without segments, and half as deep."""
import torch
from torch import nn

from .parts.activations import activation
from .parts.attention import attend, split_heads
from .parts.block import Block
from .parts.config import Config
from .parts.heads import Model, spans
from .parts.losses import classification_loss, plain_loss
from .parts.masks import is_eager, padding_mask
from .parts.output import Output


class DistilBertConfig(Config):
    model_type = "distilbert"
    attribute_map = {"hidden_size": "dim", "num_attention_heads": "n_heads", "num_hidden_layers": "n_layers"}
    defaults = dict(
        vocab_size=30522,
        max_position_embeddings=512,
        n_layers=6,
        n_heads=12,
        dim=768,
        hidden_dim=3072,
        dropout=0.1,
        attention_dropout=0.1,
        activation="gelu",
        qa_dropout=0.1,
        seq_classif_dropout=0.2,
        pad_token_id=0,
        tie_word_embeddings=True,
    )


class Embeddings(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.word_embeddings = nn.Embedding(config.vocab_size, config.dim, padding_idx=config.pad_token_id)
        self.position_embeddings = nn.Embedding(config.max_position_embeddings, config.dim)
        self.LayerNorm = nn.LayerNorm(config.dim, eps=1e-12)
        self.dropout = nn.Dropout(config.dropout)
        positions = torch.arange(config.max_position_embeddings).expand((1, -1))
        self.register_buffer("position_ids", positions, persistent=False)

    def forward(self, input_ids=None, inputs_embeds=None):
        x = self.word_embeddings(input_ids) if inputs_embeds is None else inputs_embeds
        x = x + self.position_embeddings(self.position_ids[:, : x.size(1)])
        return self.dropout(self.LayerNorm(x))


class DistilBertSelfAttention(nn.Module):
    def __init__(self, config):
        super().__init__()
        if config.dim % config.n_heads != 0:
            raise ValueError(f"dim {config.dim} is not a multiple of n_heads {config.n_heads}")
        self.config = config
        self.head_dim = config.dim // config.n_heads
        self.q_lin = nn.Linear(config.dim, config.dim)
        self.k_lin = nn.Linear(config.dim, config.dim)
        self.v_lin = nn.Linear(config.dim, config.dim)
        self.out_lin = nn.Linear(config.dim, config.dim)
        self.dropout = nn.Dropout(config.attention_dropout)

    def forward(self, x, mask=None):
        query, key, value = (split_heads(proj(x), self.head_dim) for proj in (self.q_lin, self.k_lin, self.v_lin))
        dropout = self.dropout.p if self.training else 0.0
        eager = is_eager(self.config)
        out, weights = attend(query, key, value, mask, False, self.head_dim**-0.5, dropout, eager, wide=False)
        out = out.reshape(*x.shape[:-1], -1)
        out = self.out_lin(out)
        return out, weights


class FFN(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.dropout = nn.Dropout(config.dropout)
        self.lin1 = nn.Linear(config.dim, config.hidden_dim)
        self.lin2 = nn.Linear(config.hidden_dim, config.dim)
        self.activation = activation(config.activation)

    def forward(self, x):
        x = self.lin1(x)
        x = self.activation(x)
        x = self.lin2(x)
        return self.dropout(x)


class TransformerBlock(Block):
    def __init__(self, config):
        super().__init__()
        self.attention = DistilBertSelfAttention(config)
        self.sa_layer_norm = nn.LayerNorm(config.dim, eps=1e-12)
        self.ffn = FFN(config)
        self.output_layer_norm = nn.LayerNorm(config.dim, eps=1e-12)

    def forward(self, x, mask=None):
        out, weights = self.attention(x, mask)
        out = self.sa_layer_norm(out + x)
        fed = self.ffn(out)
        return self.output_layer_norm(fed + out)


class Transformer(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.layer = nn.ModuleList([TransformerBlock(config) for _ in range(config.n_layers)])

    def forward(self, x, mask=None):
        for layer in self.layer:
            x = layer(x, mask)
        return x


class DistilBertModel(Model):
    def __init__(self, config):
        super().__init__(config)
        self.embeddings = Embeddings(config)
        self.transformer = Transformer(config)

    def forward(self, input_ids=None, attention_mask=None, inputs_embeds=None, **kwargs):
        embedded = self.embeddings(input_ids, inputs_embeds)
        mask = padding_mask(self.config, embedded, attention_mask)
        return Output(last_hidden_state=self.transformer(embedded, mask))


class Headed(Model):
    def __init__(self, config):
        super().__init__(config)
        self.distilbert = DistilBertModel(config)

    def hidden(self, input_ids, **kwargs):
        return self.distilbert(input_ids, **kwargs).last_hidden_state


class DistilBertForMaskedLM(Headed):
    def __init__(self, config):
        super().__init__(config)
        self.activation = activation(config.activation)
        self.vocab_transform = nn.Linear(config.dim, config.dim)
        self.vocab_layer_norm = nn.LayerNorm(config.dim, eps=1e-12)
        self.vocab_projector = nn.Linear(config.dim, config.vocab_size)
        if config.tie_word_embeddings:
            self.vocab_projector.weight = self.distilbert.embeddings.word_embeddings.weight

    def forward(self, input_ids=None, labels=None, **kwargs):
        x = self.activation(self.vocab_transform(self.hidden(input_ids, **kwargs)))
        logits = self.vocab_projector(self.vocab_layer_norm(x))
        return Output(loss=None if labels is None else plain_loss(logits, labels, self.config.vocab_size), logits=logits)


class Classifier(Headed):
    """Classes from the first token; `classes` of them."""

    def __init__(self, config):
        super().__init__(config)
        self.pre_classifier = nn.Linear(config.dim, config.dim)
        self.classifier = nn.Linear(config.dim, self.classes(config))
        self.dropout = nn.Dropout(config.seq_classif_dropout)

    def classes(self, config):
        return config.num_labels

    def logits(self, input_ids, **kwargs):
        x = nn.functional.relu(self.pre_classifier(self.hidden(input_ids, **kwargs)[:, 0]))
        return self.classifier(self.dropout(x))


class DistilBertForSequenceClassification(Classifier):
    def forward(self, input_ids=None, labels=None, **kwargs):
        logits = self.logits(input_ids, **kwargs)
        return Output(loss=None if labels is None else classification_loss(logits, labels, self.config), logits=logits)


class DistilBertForMultipleChoice(Classifier):
    def classes(self, config):
        return 1

    def forward(self, input_ids=None, labels=None, **kwargs):
        logits = self.logits(input_ids.view(-1, input_ids.size(-1)), **kwargs).view(-1, input_ids.shape[1])
        return Output(loss=None if labels is None else nn.functional.cross_entropy(logits, labels), logits=logits)


class DistilBertForTokenClassification(Headed):
    def __init__(self, config):
        super().__init__(config)
        self.dropout = nn.Dropout(config.dropout)
        self.classifier = nn.Linear(config.dim, config.num_labels)

    def forward(self, input_ids=None, labels=None, **kwargs):
        logits = self.classifier(self.dropout(self.hidden(input_ids, **kwargs)))
        return Output(loss=None if labels is None else plain_loss(logits, labels, self.config.num_labels), logits=logits)


class DistilBertForQuestionAnswering(Headed):
    def __init__(self, config):
        super().__init__(config)
        self.qa_outputs = nn.Linear(config.dim, config.num_labels)
        self.dropout = nn.Dropout(config.qa_dropout)

    def forward(self, input_ids=None, start_positions=None, end_positions=None, **kwargs):
        return spans(self.qa_outputs(self.dropout(self.hidden(input_ids, **kwargs))), start_positions, end_positions)
