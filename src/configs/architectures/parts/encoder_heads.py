"""What stands on an encoder: masked words, classes of a text, of each token, of choices, spans."""
import torch
from torch import nn

from .activations import activation
from .heads import Model, spans
from .losses import causal_loss, classification_loss, plain_loss
from .output import Output


class Transform(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.dense = nn.Linear(config.hidden_size, config.hidden_size)
        self.transform_act_fn = activation(config.hidden_act)
        self.LayerNorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)

    def forward(self, x):
        return self.LayerNorm(self.transform_act_fn(self.dense(x)))


class Predictions(nn.Module):
    """Logits over the vocabulary; the bias belongs to the head and is its output layer's as well."""

    def __init__(self, config):
        super().__init__()
        self.transform = Transform(config)
        self.decoder = nn.Linear(config.hidden_size, config.vocab_size)
        self.bias = nn.Parameter(torch.zeros(config.vocab_size))

    def tie(self, weight):
        self.decoder.weight = weight
        self.decoder.bias = self.bias

    def forward(self, x):
        return self.decoder(self.transform(x))


class MaskedHead(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.predictions = Predictions(config)

    def forward(self, x):
        return self.predictions(x)


class WordHead(nn.Module):
    """RoBERTa's `lm_head`: a layer, GELU, a norm, and logits over the vocabulary."""

    def __init__(self, config):
        super().__init__()
        self.dense = nn.Linear(config.hidden_size, config.hidden_size)
        self.layer_norm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.decoder = nn.Linear(config.hidden_size, config.vocab_size)
        self.bias = nn.Parameter(torch.zeros(config.vocab_size))

    def tie(self, weight):
        self.decoder.weight = weight
        self.decoder.bias = self.bias

    def forward(self, x):
        return self.decoder(self.layer_norm(nn.functional.gelu(self.dense(x))))


class Headed(Model):
    """An encoder under the name that its family gives it."""

    base = None
    name = "bert"
    pooling = False

    def __init__(self, config):
        super().__init__(config)
        setattr(self, self.name, self.base(config, pooling=self.pooling))

    @property
    def body(self):
        return getattr(self, self.name)

    def words(self):
        return self.body.embeddings.word_embeddings.weight

    def dropped(self):
        config = self.config
        return nn.Dropout(config.hidden_dropout_prob if config.classifier_dropout is None else config.classifier_dropout)


class ForWords(Headed):
    """Logits over the vocabulary for every token; `head` names the part that makes them."""

    head = "cls"
    causal = False

    def __init__(self, config):
        super().__init__(config)
        setattr(self, self.head, self.make_head(config))
        if config.tie_word_embeddings:
            top = getattr(self, self.head)
            (top.predictions if hasattr(top, "predictions") else top).tie(self.words())

    def make_head(self, config):
        return MaskedHead(config) if self.head == "cls" else WordHead(config)

    def forward(self, input_ids=None, attention_mask=None, labels=None, use_cache=None, logits_to_keep=0, **kwargs):
        use_cache = False if labels is not None else use_cache
        out = self.body(input_ids, attention_mask=attention_mask, use_cache=use_cache, **kwargs)
        logits = getattr(self, self.head)(out.last_hidden_state[:, -logits_to_keep:, :] if self.causal else out.last_hidden_state)
        loss = None
        if labels is not None:
            loss = (causal_loss if self.causal else plain_loss)(logits, labels, self.config.vocab_size)
        return Output(loss=loss, logits=logits, past_key_values=out.past_key_values)


class ForClass(Headed):
    """A class for a text, from the pooled first token."""

    pooling = True

    def __init__(self, config):
        super().__init__(config)
        self.dropout = self.dropped()
        self.classifier = nn.Linear(config.hidden_size, config.num_labels)

    def forward(self, input_ids=None, labels=None, **kwargs):
        logits = self.classifier(self.dropout(self.body(input_ids, **kwargs).pooler_output))
        loss = None if labels is None else classification_loss(logits, labels, self.config)
        return Output(loss=loss, logits=logits)


class ClassificationHead(nn.Module):
    """RoBERTa's classifier: the first token through a layer, tanh, and the classes."""

    def __init__(self, config):
        super().__init__()
        self.dense = nn.Linear(config.hidden_size, config.hidden_size)
        dropout = config.hidden_dropout_prob if config.classifier_dropout is None else config.classifier_dropout
        self.dropout = nn.Dropout(dropout)
        self.out_proj = nn.Linear(config.hidden_size, config.num_labels)

    def forward(self, x):
        x = torch.tanh(self.dense(self.dropout(x[:, 0, :])))
        return self.out_proj(self.dropout(x))


class ForClassOfFirst(Headed):
    """A class for a text, from the first token's own vector."""

    head_class = ClassificationHead

    def __init__(self, config):
        super().__init__(config)
        self.classifier = self.head_class(config)

    def forward(self, input_ids=None, labels=None, **kwargs):
        logits = self.classifier(self.body(input_ids, **kwargs).last_hidden_state)
        loss = None if labels is None else classification_loss(logits, labels, self.config)
        return Output(loss=loss, logits=logits)


def flat_choices(given):
    """Tensors `[batch, choices, T]` as `[batch · choices, T]`; anything else as it is."""
    return {name: one.view(-1, one.size(-1)) if isinstance(one, torch.Tensor) else one for name, one in given.items()}


class ForChoice(Headed):
    """The best of several texts `[batch, choices, T]`."""

    pooling = True

    def __init__(self, config):
        super().__init__(config)
        self.dropout = self.dropped()
        self.classifier = nn.Linear(config.hidden_size, 1)

    def forward(self, input_ids=None, attention_mask=None, token_type_ids=None, labels=None, **kwargs):
        choices = input_ids.shape[1]
        flat = [None if one is None else one.view(-1, one.size(-1)) for one in (input_ids, attention_mask, token_type_ids)]
        pooled = self.body(flat[0], attention_mask=flat[1], token_type_ids=flat[2], **kwargs).pooler_output
        logits = self.classifier(self.dropout(pooled)).view(-1, choices)
        loss = None if labels is None else nn.functional.cross_entropy(logits, labels)
        return Output(loss=loss, logits=logits)


class ForTokens(Headed):
    """A class for each token."""

    def __init__(self, config):
        super().__init__(config)
        self.dropout = self.dropped()
        self.classifier = nn.Linear(config.hidden_size, config.num_labels)

    def forward(self, input_ids=None, labels=None, **kwargs):
        logits = self.classifier(self.dropout(self.body(input_ids, **kwargs).last_hidden_state))
        loss = None if labels is None else plain_loss(logits, labels, self.config.num_labels)
        return Output(loss=loss, logits=logits)


class ForSpans(Headed):
    """Where an answer starts and where it ends."""

    def __init__(self, config):
        super().__init__(config)
        self.qa_outputs = nn.Linear(config.hidden_size, config.num_labels)

    def forward(self, input_ids=None, start_positions=None, end_positions=None, **kwargs):
        return spans(self.qa_outputs(self.body(input_ids, **kwargs).last_hidden_state), start_positions, end_positions)
