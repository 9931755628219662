"""ALBERT: BERT with narrow embeddings, whose layers share their weights."""
import torch
from torch import nn

from .bert import BertConfig
from .electra import NarrowEmbeddings
from .parts.activations import activation
from .parts.attention import attend, split_heads
from .parts.block import Block
from .parts.encoder_heads import ForChoice, ForClass, ForSpans, ForTokens, Headed
from .parts.heads import Model
from .parts.losses import plain_loss
from .parts.masks import is_eager, padding_mask
from .parts.output import Output


class AlbertConfig(BertConfig):
    model_type = "albert"
    defaults = dict(
        BertConfig.defaults,
        vocab_size=30000,
        embedding_size=128,
        hidden_size=4096,
        num_hidden_groups=1,
        num_attention_heads=64,
        intermediate_size=16384,
        inner_group_num=1,
        hidden_act="gelu_new",
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        classifier_dropout_prob=0.1,
    )


class AlbertAttention(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        size = config.hidden_size
        self.head_dim = size // config.num_attention_heads
        self.attention_dropout = nn.Dropout(config.attention_probs_dropout_prob)
        self.output_dropout = nn.Dropout(config.hidden_dropout_prob)
        self.query = nn.Linear(size, size)
        self.key = nn.Linear(size, size)
        self.value = nn.Linear(size, size)
        self.dense = nn.Linear(size, size)
        self.LayerNorm = nn.LayerNorm(size, eps=config.layer_norm_eps)

    def forward(self, x, mask=None):
        query, key, value = (split_heads(proj(x), self.head_dim) for proj in (self.query, self.key, self.value))
        dropout = self.attention_dropout.p if self.training else 0.0
        eager = is_eager(self.config)
        out, weights = attend(query, key, value, mask, False, self.head_dim**-0.5, dropout, eager, wide=False)
        out = out.reshape(*x.shape[:-1], -1)
        return self.LayerNorm(x + self.output_dropout(self.dense(out))), weights


class AlbertLayer(Block):
    def __init__(self, config):
        super().__init__()
        self.full_layer_layer_norm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.attention = AlbertAttention(config)
        self.ffn = nn.Linear(config.hidden_size, config.intermediate_size)
        self.ffn_output = nn.Linear(config.intermediate_size, config.hidden_size)
        self.activation = activation(config.hidden_act)
        self.dropout = nn.Dropout(config.hidden_dropout_prob)

    def forward(self, x, mask=None):
        out, weights = self.attention(x, mask)
        fed = self.ffn_output(self.activation(self.ffn(out)))
        return self.full_layer_layer_norm(fed + out)


class AlbertLayerGroup(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.albert_layers = nn.ModuleList([AlbertLayer(config) for _ in range(config.inner_group_num)])

    def forward(self, x, mask=None):
        for layer in self.albert_layers:
            x = layer(x, mask)
        return x


class AlbertTransformer(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        self.embedding_hidden_mapping_in = nn.Linear(config.embedding_size, config.hidden_size)
        self.albert_layer_groups = nn.ModuleList([AlbertLayerGroup(config) for _ in range(config.num_hidden_groups)])

    def forward(self, x, mask=None):
        x = self.embedding_hidden_mapping_in(x)
        for i in range(self.config.num_hidden_layers):
            x = self.albert_layer_groups[i * self.config.num_hidden_groups // self.config.num_hidden_layers](x, mask)
        return x


class AlbertModel(Model):
    def __init__(self, config, pooling=True):
        super().__init__(config)
        self.embeddings = NarrowEmbeddings(config)
        self.encoder = AlbertTransformer(config)
        self.pooler = nn.Linear(config.hidden_size, config.hidden_size) if pooling else None
        self.pooler_activation = nn.Tanh() if pooling else None

    def forward(self, input_ids=None, attention_mask=None, token_type_ids=None, position_ids=None, inputs_embeds=None, **kwargs):
        x = self.embeddings(input_ids, token_type_ids, position_ids, inputs_embeds)
        x = self.encoder(x, padding_mask(self.config, x, attention_mask))
        pooled = None if self.pooler is None else self.pooler_activation(self.pooler(x[:, 0]))
        return Output(last_hidden_state=x, pooler_output=pooled)


class AlbertMLMHead(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.LayerNorm = nn.LayerNorm(config.embedding_size, eps=config.layer_norm_eps)
        self.bias = nn.Parameter(torch.zeros(config.vocab_size))
        self.dense = nn.Linear(config.hidden_size, config.embedding_size)
        self.decoder = nn.Linear(config.embedding_size, config.vocab_size)
        self.activation = activation(config.hidden_act)

    def tie(self, weight):
        self.decoder.weight = weight
        self.decoder.bias = self.bias

    def forward(self, x):
        return self.decoder(self.LayerNorm(self.activation(self.dense(x))))


class AlbertForMaskedLM(Headed):
    base, name = AlbertModel, "albert"

    def __init__(self, config):
        super().__init__(config)
        self.predictions = AlbertMLMHead(config)
        if config.tie_word_embeddings:
            self.predictions.tie(self.words())

    def forward(self, input_ids=None, labels=None, **kwargs):
        logits = self.predictions(self.body(input_ids, **kwargs).last_hidden_state)
        return Output(loss=None if labels is None else plain_loss(logits, labels, self.config.vocab_size), logits=logits)


class AlbertSOPHead(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.dropout = nn.Dropout(config.classifier_dropout_prob)
        self.classifier = nn.Linear(config.hidden_size, config.num_labels)

    def forward(self, x):
        return self.classifier(self.dropout(x))


class AlbertForPreTraining(AlbertForMaskedLM):
    pooling = True

    def __init__(self, config):
        super().__init__(config)
        self.sop_classifier = AlbertSOPHead(config)

    def forward(self, input_ids=None, labels=None, sentence_order_label=None, **kwargs):
        out = self.body(input_ids, **kwargs)
        words, order = self.predictions(out.last_hidden_state), self.sop_classifier(out.pooler_output)
        loss = None
        if labels is not None and sentence_order_label is not None:
            loss = plain_loss(words, labels, self.config.vocab_size) + plain_loss(order, sentence_order_label, self.config.num_labels)
        return Output(loss=loss, prediction_logits=words, sop_logits=order)


class Dropped:
    """Heads whose dropout the config calls otherwise."""

    def dropped(self):
        return nn.Dropout(self.config.classifier_dropout_prob)


class AlbertForSequenceClassification(Dropped, ForClass):
    base, name = AlbertModel, "albert"


class AlbertForMultipleChoice(Dropped, ForChoice):
    base, name = AlbertModel, "albert"


class AlbertForTokenClassification(Dropped, ForTokens):
    base, name = AlbertModel, "albert"


class AlbertForQuestionAnswering(ForSpans):
    base, name = AlbertModel, "albert"
