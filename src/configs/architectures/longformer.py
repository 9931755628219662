"""Longformer: RoBERTa that attends to windows, and globally to a few tokens."""
import torch
from torch import nn

from .bert import BertConfig
from .parts.block import Block
from .parts.encoder import Intermediate, Pooler, ResidualOutput
from .parts.encoder_heads import ClassificationHead, ForSpans, ForTokens, ForWords, Headed, flat_choices
from .parts.heads import Model
from .parts.losses import classification_loss
from .parts.masks import padding_mask
from .parts.output import Output
from .parts.sliding import SlidingAttention, first_marked, marked, windows_of


class LongformerConfig(BertConfig):
    model_type = "longformer"
    eager_only = True
    defaults = dict(BertConfig.defaults, attention_window=512, sep_token_id=2, pad_token_id=1)

    def complete(self, given):
        self.attention_window = windows_of(self)


class LongformerEmbeddings(nn.Module):
    def __init__(self, config):
        super().__init__()
        size, self.padding_idx = config.hidden_size, config.pad_token_id
        self.word_embeddings = nn.Embedding(config.vocab_size, size, padding_idx=self.padding_idx)
        self.token_type_embeddings = nn.Embedding(config.type_vocab_size, size)
        self.LayerNorm = nn.LayerNorm(size, eps=config.layer_norm_eps)
        self.dropout = nn.Dropout(config.hidden_dropout_prob)
        self.position_embeddings = nn.Embedding(config.max_position_embeddings, size, padding_idx=self.padding_idx)

    def positions(self, input_ids, inputs_embeds):
        first = self.padding_idx + 1
        if input_ids is None:
            length = inputs_embeds.shape[1]
            places = torch.arange(first, length + first, dtype=torch.long, device=inputs_embeds.device)
            return places.unsqueeze(0).expand(inputs_embeds.shape[:2])
        real = input_ids.ne(self.padding_idx).int()
        return (torch.cumsum(real, dim=1).type_as(real) * real).long() + self.padding_idx

    def forward(self, input_ids, token_type_ids, position_ids, inputs_embeds):
        if position_ids is None:
            position_ids = self.positions(input_ids, inputs_embeds)
        words = self.word_embeddings(input_ids) if inputs_embeds is None else inputs_embeds
        if token_type_ids is None:
            token_type_ids = torch.zeros(words.shape[:2], dtype=torch.long, device=words.device)
        place = self.position_embeddings(position_ids)
        kind = self.token_type_embeddings(token_type_ids)
        x = words + place + kind
        x = self.LayerNorm(x)
        return self.dropout(x)


class LongformerAttention(nn.Module):
    def __init__(self, config, layer):
        super().__init__()
        self.self = SlidingAttention(config, config.attention_window[layer])
        self.output = ResidualOutput(config, config.hidden_size)

    def forward(self, x, mask, hidden, marks):
        out = self.self(x, mask, hidden, marks)
        return self.output(out, x)


class LongformerLayer(Block):
    def __init__(self, config, layer):
        super().__init__()
        self.attention = LongformerAttention(config, layer)
        self.intermediate = Intermediate(config)
        self.output = ResidualOutput(config, config.intermediate_size)

    def forward(self, x, mask, hidden, marks):
        out = self.attention(x, mask, hidden, marks)
        return self.feed(out)

    def feed(self, x):
        inner = self.intermediate(x)
        return self.output(inner, x)


class LongformerEncoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.layer = nn.ModuleList([LongformerLayer(config, i) for i in range(config.num_hidden_layers)])

    def forward(self, x, mask, marks):
        hidden = mask < 0
        seeing = mask > 0
        for layer in self.layer:
            x = layer(x, mask, hidden, marks)
        return x


class LongformerModel(Model):
    """A text is padded to a whole number of windows; `marks` are the tokens that see all, where no mask says them."""

    def __init__(self, config, pooling=True):
        super().__init__(config)
        self.embeddings = LongformerEmbeddings(config)
        self.encoder = LongformerEncoder(config)
        self.pooler = Pooler(config) if pooling else None

    def forward(self, input_ids=None, attention_mask=None, global_attention_mask=None, token_type_ids=None, position_ids=None, inputs_embeds=None, marks=None, **kwargs):
        given = input_ids if inputs_embeds is None else inputs_embeds
        shape = given.shape[:2]
        if attention_mask is None:
            attention_mask = torch.ones(shape, device=given.device)
        if token_type_ids is None:
            token_type_ids = torch.zeros(shape, dtype=torch.long, device=given.device)
        if global_attention_mask is not None:
            attention_mask = attention_mask * (global_attention_mask + 1)
        window = max(self.config.attention_window)
        missing = (window - shape[1] % window) % window
        if missing > 0:
            pad = self.config.pad_token_id
            if inputs_embeds is None:
                input_ids = nn.functional.pad(input_ids, (0, missing), value=pad)
            if position_ids is not None:
                position_ids = nn.functional.pad(position_ids, (0, missing), value=pad)
            if inputs_embeds is not None:
                more = inputs_embeds.new_full((shape[0], missing), pad, dtype=torch.long)
                inputs_embeds = torch.cat([inputs_embeds, self.embeddings(more, None, None, None)], dim=-2)
            attention_mask = nn.functional.pad(attention_mask, (0, missing), value=0)
            token_type_ids = nn.functional.pad(token_type_ids, (0, missing), value=0)
        embedded = self.embeddings(input_ids, token_type_ids, position_ids, inputs_embeds)
        mask = padding_mask(self.config, embedded, torch.clamp(attention_mask, min=0, max=1))
        mask = mask[:, 0, 0, :]
        mask[attention_mask == 2] = torch.finfo(embedded.dtype).max
        if global_attention_mask is not None and marks is None:
            marks = marked(global_attention_mask)
        x = self.encoder(embedded, mask, marks)
        x = x[:, : x.shape[1] - missing]
        return Output(last_hidden_state=x, pooler_output=None if self.pooler is None else self.pooler(x))


class LongformerForMaskedLM(ForWords):
    base, name, head = LongformerModel, "longformer", "lm_head"


class LongformerForSequenceClassification(Headed):
    """A class for a text, from its first token, which sees all of it."""

    base, name = LongformerModel, "longformer"

    def __init__(self, config):
        super().__init__(config)
        self.classifier = ClassificationHead(config)

    def forward(self, input_ids=None, global_attention_mask=None, labels=None, **kwargs):
        marks = None
        if global_attention_mask is None:
            global_attention_mask = torch.zeros_like(input_ids)
            global_attention_mask[:, 0] = 1
            marks = first_marked(input_ids)
        out = self.body(input_ids, global_attention_mask=global_attention_mask, marks=marks, **kwargs)
        logits = self.classifier(out.last_hidden_state)
        loss = None if labels is None else classification_loss(logits, labels, self.config)
        return Output(loss=loss, logits=logits)


def beside_separators(input_ids):
    """The mask of the tokens on one side of a separator, whose place depends on the text."""
    raise NotImplementedError("how many tokens attend globally depends on where sep_token_id stands in input_ids")


class LongformerForQuestionAnswering(ForSpans):
    """The question's tokens see all."""

    base, name = LongformerModel, "longformer"

    def forward(self, input_ids=None, global_attention_mask=None, **kwargs):
        if global_attention_mask is None:
            global_attention_mask = beside_separators(input_ids)
        return super().forward(input_ids, global_attention_mask=global_attention_mask, **kwargs)


class LongformerForTokenClassification(ForTokens):
    base, name = LongformerModel, "longformer"


class LongformerForMultipleChoice(Headed):
    base, name, pooling = LongformerModel, "longformer", True

    def __init__(self, config):
        super().__init__(config)
        self.dropout = nn.Dropout(config.hidden_dropout_prob)
        self.classifier = nn.Linear(config.hidden_size, 1)

    def forward(self, input_ids=None, global_attention_mask=None, labels=None, **kwargs):
        choices = input_ids.shape[1]
        if global_attention_mask is None:
            global_attention_mask = beside_separators(input_ids)
        given = flat_choices({"input_ids": input_ids, "global_attention_mask": global_attention_mask, **kwargs})
        logits = self.classifier(self.dropout(self.body(**given).pooler_output)).view(-1, choices)
        return Output(loss=None if labels is None else nn.functional.cross_entropy(logits, labels), logits=logits)
