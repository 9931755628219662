"""Nyströmformer: BERT whose attention goes by way of a few landmarks, averages of neighbouring queries and keys."""
import math

import torch
from torch import nn

from .bert import BertConfig
from .parts.activations import activation
from .parts.block import Block
from .parts.encoder import Embeddings, Intermediate, ResidualOutput
from .parts.encoder_heads import ClassificationHead, ForClassOfFirst, ForSpans, ForTokens, ForWords, Headed, flat_choices
from .parts.heads import Model
from .parts.masks import padding_mask
from .parts.output import Output


class NystromformerConfig(BertConfig):
    model_type = "nystromformer"
    whole_heads = True
    eager_only = True
    defaults = dict(
        BertConfig.defaults,
        vocab_size=30000,
        hidden_act="gelu_new",
        max_position_embeddings=510,
        layer_norm_eps=1e-5,
        pad_token_id=1,
        segment_means_seq_len=64,
        num_landmarks=64,
        conv_kernel_size=65,
        inv_coeff_init_option=False,
    )

    def complete(self, given):
        many, few = self.segment_means_seq_len, self.num_landmarks
        if many % few != 0:
            raise ValueError(f"segment_means_seq_len {many} is not a multiple of num_landmarks {few}")


class NystromformerEmbeddings(Embeddings):
    """Positions start behind two rows that are never used."""

    def __init__(self, config):
        super().__init__(config)
        self.position_embeddings = nn.Embedding(config.max_position_embeddings + 2, config.hidden_size)
        places = torch.arange(config.max_position_embeddings).expand((1, -1)) + 2
        self.register_buffer("position_ids", places, persistent=False)

    def forward(self, input_ids=None, token_type_ids=None, position_ids=None, inputs_embeds=None):
        if inputs_embeds is None:
            inputs_embeds = self.word_embeddings(input_ids)
        batch, length = inputs_embeds.shape[:2]
        if position_ids is None:
            position_ids = self.position_ids[:, :length]
        if token_type_ids is None:
            token_type_ids = self.token_type_ids[:, :length].expand(batch, length)
        kind = self.token_type_embeddings(token_type_ids)
        x = inputs_embeds + kind
        place = self.position_embeddings(position_ids)
        x += place
        x = self.LayerNorm(x)
        return self.dropout(x)


class NystromformerSelfAttention(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config, self.heads = config, config.num_attention_heads
        size, kernel = config.hidden_size, config.conv_kernel_size
        self.head_dim = size // self.heads
        self.query = nn.Linear(size, size)
        self.key = nn.Linear(size, size)
        self.value = nn.Linear(size, size)
        self.dropout = nn.Dropout(config.attention_probs_dropout_prob)
        if kernel is not None:
            padding = (kernel // 2, 0)
            self.conv = nn.Conv2d(self.heads, self.heads, (kernel, 1), padding=padding, bias=False, groups=self.heads)

    def split(self, x):
        return x.view(*x.shape[:-1], -1, self.head_dim).transpose(1, 2)

    def landmarks(self, x):
        """Averages of neighbours, `[B, heads, landmarks, width]`."""
        config = self.config
        few = config.num_landmarks
        return x.reshape(-1, self.heads, few, config.segment_means_seq_len // few, self.head_dim).mean(dim=-2)

    def inverse(self, x):
        """The inverse of a matrix of weights, by six steps of an iteration."""
        same = torch.eye(x.size(-1), device=x.device)
        if self.config.inv_coeff_init_option:
            found = 1 / torch.max(torch.sum(x, dim=-2), dim=-1).values[:, :, None, None] * x.transpose(-1, -2)
        else:
            found = 1 / torch.max(torch.sum(x, dim=-2)) * x.transpose(-1, -2)
        for _ in range(6):
            both = torch.matmul(x, found)
            inner = torch.matmul(both, 15 * same - torch.matmul(both, 7 * same - both))
            found = torch.matmul(0.25 * found, 13 * same - inner)
        return found

    def weighed(self, query, key, mask):
        scores = torch.matmul(query, key.transpose(-1, -2))
        if mask is not None:
            scores = scores + mask
        return nn.functional.softmax(scores, dim=-1)

    def forward(self, x, mask=None):
        query, key, value = (self.split(proj(x)) for proj in (self.query, self.key, self.value))
        query = query / math.sqrt(math.sqrt(self.head_dim))
        key = key / math.sqrt(math.sqrt(self.head_dim))
        if self.config.num_landmarks == self.config.segment_means_seq_len:
            weights = self.weighed(query, key, mask)
            out = torch.matmul(weights, value)
        else:
            few_queries = self.landmarks(query)
            few_keys = self.landmarks(key)
            to_few = self.weighed(query, few_keys, None)
            among = self.weighed(few_queries, few_keys, None)
            to_all = self.weighed(few_queries, key, mask)
            weights = torch.matmul(to_few, self.inverse(among))
            few_values = torch.matmul(to_all, value)
            out = torch.matmul(weights, few_values)
        if self.config.conv_kernel_size is not None:
            out += self.conv(value)
        out = out.permute(0, 2, 1, 3).contiguous()
        return out.view(*out.shape[:-2], -1)


class NystromformerAttention(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.self = NystromformerSelfAttention(config)
        self.output = ResidualOutput(config, config.hidden_size)

    def forward(self, x, mask=None):
        out = self.self(x, mask)
        return self.output(out, x)


class NystromformerLayer(Block):
    positional = 2

    def __init__(self, config):
        super().__init__()
        self.attention = NystromformerAttention(config)
        self.intermediate = Intermediate(config)
        self.output = ResidualOutput(config, config.intermediate_size)

    def forward(self, x, mask=None):
        attended = self.attention(x, mask)
        inner = self.intermediate(attended)
        return self.output(inner, attended)


class NystromformerEncoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.layer = nn.ModuleList([NystromformerLayer(config) for _ in range(config.num_hidden_layers)])

    def forward(self, x, mask=None):
        for layer in self.layer:
            x = layer(x, mask)
        return x


class NystromformerModel(Model):
    def __init__(self, config, pooling=False):
        super().__init__(config)
        self.embeddings = NystromformerEmbeddings(config)
        self.encoder = NystromformerEncoder(config)

    def forward(self, input_ids=None, attention_mask=None, token_type_ids=None, position_ids=None, inputs_embeds=None, **kwargs):
        embedded = self.embeddings(input_ids, token_type_ids, position_ids, inputs_embeds)
        x = self.encoder(embedded, padding_mask(self.config, embedded, attention_mask))
        return Output(last_hidden_state=x)


class NystromformerForMaskedLM(ForWords):
    base, name = NystromformerModel, "nystromformer"


class NystromformerClassificationHead(ClassificationHead):
    def __init__(self, config):
        super().__init__(config)
        self.act = activation(config.hidden_act)

    def forward(self, x):
        x = self.act(self.dense(self.dropout(x[:, 0, :])))
        return self.out_proj(self.dropout(x))


class NystromformerForSequenceClassification(ForClassOfFirst):
    base, name = NystromformerModel, "nystromformer"
    head_class = NystromformerClassificationHead


class NystromformerForMultipleChoice(Headed):
    base, name = NystromformerModel, "nystromformer"

    def __init__(self, config):
        super().__init__(config)
        self.pre_classifier = nn.Linear(config.hidden_size, config.hidden_size)
        self.classifier = nn.Linear(config.hidden_size, 1)

    def forward(self, input_ids=None, labels=None, **kwargs):
        kwargs = flat_choices(kwargs)
        hidden = self.body(input_ids.view(-1, input_ids.size(-1)), **kwargs).last_hidden_state
        logits = self.classifier(nn.functional.relu(self.pre_classifier(hidden[:, 0]))).view(-1, input_ids.shape[1])
        return Output(loss=None if labels is None else nn.functional.cross_entropy(logits, labels), logits=logits)


class NystromformerForTokenClassification(ForTokens):
    base, name = NystromformerModel, "nystromformer"


class NystromformerForQuestionAnswering(ForSpans):
    base, name = NystromformerModel, "nystromformer"
