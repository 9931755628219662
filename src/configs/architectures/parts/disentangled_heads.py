"""What stands on DeBERTa: masked words, classes and choices from a pooled first token."""
import torch
from torch import nn

from .activations import activation
from .encoder_heads import Headed, Predictions, Transform, flat_choices
from .losses import classification_loss, plain_loss
from .output import Output


class NarrowTransform(Transform):
    """The head's layer, as wide as the embeddings."""

    def __init__(self, config):
        super().__init__(config)
        self.dense = nn.Linear(config.hidden_size, config.embedding_size)
        self.LayerNorm = nn.LayerNorm(config.embedding_size, eps=config.layer_norm_eps)


class NarrowPredictions(Predictions):
    def __init__(self, config):
        super().__init__(config)
        self.transform = NarrowTransform(config)
        self.decoder = nn.Linear(config.embedding_size, config.vocab_size)


class WordsHead(nn.Module):
    """The head that older checkpoints have."""

    def __init__(self, config):
        super().__init__()
        self.predictions = NarrowPredictions(config)

    def forward(self, x, words):
        return self.predictions(x)


class SharedHead(Transform):
    """A head without an output layer of its own: it multiplies by the embedding's weights."""

    def __init__(self, config):
        super().__init__(config)
        self.bias = nn.Parameter(torch.zeros(config.vocab_size))

    def forward(self, x, words):
        x = super().forward(x)
        return torch.matmul(x, words.t()) + self.bias


class SharedWordsHead(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.lm_head = SharedHead(config)

    def forward(self, x, words):
        return self.lm_head(x, words)


class ForMaskedWords(Headed):
    name = "deberta"

    def __init__(self, config):
        super().__init__(config)
        if config.legacy:
            self.cls = WordsHead(config)
            if config.tie_word_embeddings:
                self.cls.predictions.tie(self.words())
        else:
            self.lm_predictions = SharedWordsHead(config)
            if config.tie_word_embeddings:
                self.lm_predictions.lm_head.weight = self.words()

    def forward(self, input_ids=None, labels=None, **kwargs):
        hidden = self.body(input_ids, **kwargs).last_hidden_state
        head = self.cls if self.config.legacy else self.lm_predictions
        logits = head(hidden, self.words())
        return Output(loss=None if labels is None else plain_loss(logits, labels, self.config.vocab_size), logits=logits)


class ContextPooler(nn.Module):
    """The first token's vector, through a layer and an activation."""

    def __init__(self, config):
        super().__init__()
        self.dense = nn.Linear(config.pooler_hidden_size, config.pooler_hidden_size)
        self.dropout = nn.Dropout(config.pooler_dropout)
        self.act = activation(config.pooler_hidden_act)

    def forward(self, x):
        return self.act(self.dense(self.dropout(x[:, 0])))


class ForPooledClass(Headed):
    name = "deberta"

    def __init__(self, config):
        super().__init__(config)
        self.pooler = ContextPooler(config)
        self.classifier = nn.Linear(config.hidden_size, self.classes(config))
        self.dropout = nn.Dropout(config.hidden_dropout_prob if config.cls_dropout is None else config.cls_dropout)

    def classes(self, config):
        return config.num_labels

    def scores(self, input_ids, **kwargs):
        return self.classifier(self.dropout(self.pooler(self.body(input_ids, **kwargs).last_hidden_state)))

    def forward(self, input_ids=None, labels=None, **kwargs):
        logits = self.scores(input_ids, **kwargs)
        loss = None
        if labels is not None:
            loss = self.loss(logits, labels) if self.config.problem_type is None else classification_loss(logits, labels, self.config)
        return Output(loss=loss, logits=logits)

    def loss(self, logits, labels):
        """Where no problem is named: squares for one class, cross entropy of what carries a class, or of a distribution."""
        classes = self.config.num_labels
        if classes == 1:
            return nn.functional.mse_loss(logits.view(-1).to(labels.dtype), labels.view(-1))
        if labels.dim() == 1 or labels.size(-1) == 1:
            marked = torch.arange(labels.shape[0], device=labels.device)[:, None]
            chosen = torch.gather(logits, 0, marked.expand(marked.size(0), classes))
            labels = torch.gather(labels.long().view(-1), 0, marked.view(-1))
            return nn.functional.cross_entropy(chosen.view(-1, classes).float(), labels.view(-1))
        return -(nn.functional.log_softmax(logits, -1) * labels).sum(-1).mean()


class ForPooledChoice(ForPooledClass):
    """The best of several texts `[batch, choices, T]`."""

    def classes(self, config):
        return 1

    def forward(self, input_ids=None, labels=None, **kwargs):
        kwargs = flat_choices(kwargs)
        logits = self.scores(input_ids.view(-1, input_ids.size(-1)), **kwargs).view(-1, input_ids.shape[1])
        return Output(loss=None if labels is None else nn.functional.cross_entropy(logits, labels), logits=logits)
