"""What stands on a base model: logits over the vocabulary, classes of a sequence, of each token, spans."""
import torch
from torch import nn

from .block import Block
from .losses import causal_loss, classification_loss, span_loss, token_loss
from .output import Output


class Model(nn.Module):
    """A model made from a config."""

    def __init__(self, config):
        super().__init__()
        self.config = config

    def caches(self, wanted):
        """Whether keys and values are kept: as the config says where the caller does not, never where blocks run again."""
        wanted = self.config.use_cache if wanted is None else wanted
        if not wanted or not self.training:
            return wanted
        return not any(isinstance(one, Block) and one.gradient_checkpointing for one in self.modules())

    def inputs(self):
        """What forward takes where nobody says it; B and T are the scenario's. A choice is one of four texts."""
        choices = type(self).__name__.endswith("ForMultipleChoice")
        return {"input_ids": "int64[B, 4, T]" if choices else "int64[B, T]"}

    def targets(self):
        """What forward takes besides where it is trained."""
        name = type(self).__name__
        if name.endswith(("ForSequenceClassification", "ForImageClassification", "ForMultipleChoice")):
            return {"labels": "int64[B]"}
        if name.endswith(("ForCausalLM", "LMHeadModel", "ForMaskedLM", "ForTokenClassification")):
            return {"labels": self.inputs()["input_ids"]}
        if name.endswith(("ForConditionalGeneration", "MTModel")):
            read = self.inputs()
            return {"labels": read.get("decoder_input_ids", read.get("input_ids"))}
        return {}

    def width(self, config):
        """How wide the vectors are that heads read."""
        return config.hidden_size


class ImageModel(Model):
    """A model of images."""

    def inputs(self):
        config = self.config.vision_config or self.config
        sizes = config.image_size if isinstance(config.image_size, (list, tuple)) else [config.image_size] * 2
        return {"pixel_values": f"float32[B, {config.num_channels or 3}, {sizes[0]}, {sizes[1]}]"}


class PairModel(Model):
    """An encoder and a decoder over text."""

    def inputs(self):
        return {"input_ids": "int64[B, T]", "decoder_input_ids": "int64[B, T]"}


class ForCausalLM(Model):
    """A decoder and its output layer, which may share the embedding's weights."""

    base = None
    name = "model"
    bias = False

    def __init__(self, config):
        super().__init__(config)
        setattr(self, self.name, self.base(config))
        self.lm_head = nn.Linear(self.width(config), config.vocab_size, bias=self.has_bias(config))
        if config.tie_word_embeddings:
            self.lm_head.weight = self.embedding().weight

    def has_bias(self, config):
        return self.bias

    def embedding(self):
        body = getattr(self, self.name)
        return getattr(body, body.embed_name)

    def forward(self, input_ids=None, attention_mask=None, position_ids=None, past_key_values=None, inputs_embeds=None, labels=None, use_cache=None, logits_to_keep=0, **kwargs):
        out = getattr(self, self.name)(input_ids=input_ids, attention_mask=attention_mask, position_ids=position_ids, past_key_values=past_key_values, inputs_embeds=inputs_embeds, use_cache=use_cache, **kwargs)
        hidden = out.last_hidden_state
        logits = self.scaled(self.lm_head(self.read(hidden[:, -logits_to_keep:, :])))
        loss = None if labels is None else causal_loss(logits, labels, self.config.vocab_size)
        return Output(loss=loss, logits=logits, past_key_values=out.past_key_values)

    def read(self, hidden):
        return hidden

    def scaled(self, logits):
        return logits


class SequenceHead(Model):
    """A decoder whose last token that is no padding says the class."""

    base = None
    name = "model"
    score_name = "score"

    def __init__(self, config):
        super().__init__(config)
        setattr(self, self.name, self.base(config))
        setattr(self, self.score_name, nn.Linear(self.width(config), config.num_labels, bias=False))

    def forward(self, input_ids=None, attention_mask=None, inputs_embeds=None, labels=None, use_cache=None, **kwargs):
        out = getattr(self, self.name)(input_ids, attention_mask=attention_mask, inputs_embeds=inputs_embeds, use_cache=use_cache, **kwargs)
        logits = getattr(self, self.score_name)(out.last_hidden_state)
        batch = logits.shape[0]
        pad = self.config.pad_token_id
        last = -1
        if pad is not None and input_ids is not None:
            real = (input_ids != pad).to(torch.int32)
            last = (torch.arange(input_ids.shape[-1], device=logits.device, dtype=torch.int32) * real).argmax(-1)
        pooled = logits[torch.arange(batch, device=logits.device), last]
        loss = None if labels is None else classification_loss(pooled, labels, self.config)
        return Output(loss=loss, logits=pooled, past_key_values=out.past_key_values)


class TokenHead(Model):
    """A class for each token."""

    base = None
    name = "model"
    head = "score"

    def __init__(self, config):
        super().__init__(config)
        setattr(self, self.name, self.base(config))
        dropout = config.classifier_dropout if config.classifier_dropout is not None else config.hidden_dropout
        self.dropout = nn.Dropout(0.1 if dropout is None else dropout)
        setattr(self, self.head, nn.Linear(config.hidden_size, config.num_labels))

    def forward(self, input_ids=None, labels=None, **kwargs):
        hidden = getattr(self, self.name)(input_ids, **kwargs).last_hidden_state
        logits = getattr(self, self.head)(self.dropout(hidden))
        loss = None if labels is None else token_loss(logits, labels, self.config.num_labels)
        return Output(loss=loss, logits=logits)


class SpanHead(Model):
    """Where an answer starts and where it ends."""

    base = None
    name = "transformer"

    def __init__(self, config):
        super().__init__(config)
        setattr(self, self.name, self.base(config))
        self.qa_outputs = nn.Linear(self.width(config), 2)

    def forward(self, input_ids=None, start_positions=None, end_positions=None, **kwargs):
        hidden = getattr(self, self.name)(input_ids, **kwargs).last_hidden_state
        return spans(self.qa_outputs(hidden), start_positions, end_positions)


def spans(logits, start, end):
    start_logits, end_logits = (one.squeeze(-1).contiguous() for one in logits.split(1, dim=-1))
    loss = None if start is None or end is None else span_loss(start_logits, end_logits, start, end)
    return Output(loss=loss, start_logits=start_logits, end_logits=end_logits)
