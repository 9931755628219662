"""MobileBERT: a deep and thin BERT whose layers work in a bottleneck."""
import torch
from torch import nn

from .bert import BertConfig, BertForNextSentencePrediction, BertForPreTraining
from .parts.activations import activation
from .parts.attention import attend, split_heads
from .parts.block import Block
from .parts.encoder_heads import ForChoice, ForClass, ForSpans, ForTokens, ForWords, Transform
from .parts.heads import Model
from .parts.masks import is_eager, padding_mask
from .parts.output import Output


class MobileBertConfig(BertConfig):
    model_type = "mobilebert"
    defaults = dict(
        BertConfig.defaults,
        hidden_size=512,
        num_hidden_layers=24,
        num_attention_heads=4,
        intermediate_size=512,
        hidden_act="relu",
        hidden_dropout_prob=0.0,
        embedding_size=128,
        trigram_input=True,
        use_bottleneck=True,
        intra_bottleneck_size=128,
        use_bottleneck_attention=False,
        key_query_shared_bottleneck=True,
        num_feedforward_networks=4,
        normalization_type="no_norm",
        classifier_activation=True,
    )

    def complete(self, given):
        #: How wide the layers work inside.
        self.inner = self.intra_bottleneck_size if self.use_bottleneck else self.hidden_size
        if self.inner % self.num_attention_heads != 0:
            raise ValueError(f"{self.inner} features are not a multiple of num_attention_heads {self.num_attention_heads}")


class NoNorm(nn.Module):
    """A factor and a bias for each feature."""

    def __init__(self, size, eps=None):
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(size))
        self.weight = nn.Parameter(torch.ones(size))

    def forward(self, x):
        return x * self.weight + self.bias


def norm(config, size):
    return NoNorm(size) if config.normalization_type == "no_norm" else nn.LayerNorm(size, eps=config.layer_norm_eps)


class MobileBertEmbeddings(nn.Module):
    """Each word beside its neighbours, brought to the model's width; positions and segments."""

    def __init__(self, config):
        super().__init__()
        size, length = config.hidden_size, config.max_position_embeddings
        self.trigrams = config.trigram_input
        self.word_embeddings = nn.Embedding(config.vocab_size, config.embedding_size, padding_idx=config.pad_token_id)
        self.position_embeddings = nn.Embedding(length, size)
        self.token_type_embeddings = nn.Embedding(config.type_vocab_size, size)
        self.projects = self.trigrams or config.embedding_size != size
        self.embedding_transformation = nn.Linear(config.embedding_size * (3 if self.trigrams else 1), size)
        self.LayerNorm = norm(config, size)
        self.dropout = nn.Dropout(config.hidden_dropout_prob)
        self.register_buffer("position_ids", torch.arange(length).expand((1, -1)), persistent=False)

    def forward(self, input_ids=None, token_type_ids=None, position_ids=None, inputs_embeds=None):
        x = self.word_embeddings(input_ids) if inputs_embeds is None else inputs_embeds
        if position_ids is None:
            position_ids = self.position_ids[:, : x.shape[1]]
        if token_type_ids is None:
            token_type_ids = torch.zeros(x.shape[:-1], dtype=torch.long, device=x.device)
        if self.trigrams:
            pad = nn.functional.pad
            x = torch.cat([pad(x[:, 1:], [0, 0, 0, 1, 0, 0]), x, pad(x[:, :-1], [0, 0, 1, 0, 0, 0])], dim=2)
        if self.projects:
            x = self.embedding_transformation(x)
        place = self.position_embeddings(position_ids)
        kind = self.token_type_embeddings(token_type_ids)
        x = x + place + kind
        x = self.LayerNorm(x)
        return self.dropout(x)


class MobileBertSelfAttention(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config, inner = config, config.inner
        self.head_dim = inner // config.num_attention_heads
        self.query = nn.Linear(inner, inner)
        self.key = nn.Linear(inner, inner)
        self.value = nn.Linear(inner if config.use_bottleneck_attention else config.hidden_size, inner)
        self.dropout = nn.Dropout(config.attention_probs_dropout_prob)

    def forward(self, asked, known, told, mask=None):
        query = split_heads(self.query(asked), self.head_dim)
        key, value = split_heads(self.key(known), self.head_dim), split_heads(self.value(told), self.head_dim)
        dropout = self.dropout.p if self.training else 0.0
        eager = is_eager(self.config)
        out, weights = attend(query, key, value, mask, False, self.head_dim**-0.5, dropout, eager, wide=False)
        return out.reshape(*asked.shape[:-1], -1), weights


class InnerOutput(nn.Module):
    """A linear layer inside the bottleneck whose result is added to what came in; dropout where there is no bottleneck."""

    def __init__(self, config, width, drops=False):
        super().__init__()
        self.dense = nn.Linear(width, config.inner)
        self.LayerNorm = norm(config, config.inner)
        self.drops = drops
        if drops:
            self.dropout = nn.Dropout(config.hidden_dropout_prob)

    def forward(self, x, residual):
        x = self.dense(x)
        if self.drops:
            x = self.dropout(x)
        return self.LayerNorm(x + residual)


class MobileBertAttention(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.self = MobileBertSelfAttention(config)
        self.output = InnerOutput(config, config.inner, drops=not config.use_bottleneck)

    def forward(self, asked, known, told, x, mask=None):
        out, weights = self.self(asked, known, told, mask)
        out = self.output(out, x)
        return out, weights


class MobileBertIntermediate(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.dense = nn.Linear(config.inner, config.intermediate_size)
        self.intermediate_act_fn = activation(config.hidden_act)

    def forward(self, x):
        return self.intermediate_act_fn(self.dense(x))


class OutputBottleneck(nn.Module):
    """Back to the model's width, beside what the whole layer was given."""

    def __init__(self, config):
        super().__init__()
        self.dense = nn.Linear(config.inner, config.hidden_size)
        self.LayerNorm = norm(config, config.hidden_size)
        self.dropout = nn.Dropout(config.hidden_dropout_prob)

    def forward(self, x, residual):
        x = self.dense(x)
        x = self.dropout(x)
        return self.LayerNorm(x + residual)


class MobileBertOutput(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.narrow = config.use_bottleneck
        self.dense = nn.Linear(config.intermediate_size, config.inner)
        self.LayerNorm = norm(config, config.inner)
        if self.narrow:
            self.bottleneck = OutputBottleneck(config)
        else:
            self.dropout = nn.Dropout(config.hidden_dropout_prob)

    def forward(self, x, residual, before):
        x = self.dense(x)
        if not self.narrow:
            x = self.dropout(x)
            return self.LayerNorm(x + residual)
        x = self.LayerNorm(x + residual)
        return self.bottleneck(x, before)


class BottleneckLayer(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.dense = nn.Linear(config.hidden_size, config.intra_bottleneck_size)
        self.LayerNorm = norm(config, config.intra_bottleneck_size)

    def forward(self, x):
        x = self.dense(x)
        return self.LayerNorm(x)


class Bottleneck(nn.Module):
    """What queries, keys, values and the residual are made of."""

    def __init__(self, config):
        super().__init__()
        self.whole, self.shared = config.use_bottleneck_attention, config.key_query_shared_bottleneck
        self.input = BottleneckLayer(config)
        if self.shared:
            self.attention = BottleneckLayer(config)

    def forward(self, x):
        narrow = self.input(x)
        if self.whole:
            return narrow, narrow, narrow, narrow
        if self.shared:
            asked = self.attention(x)
            return asked, asked, x, narrow
        return x, x, x, narrow


class FFNLayer(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.intermediate = MobileBertIntermediate(config)
        self.output = InnerOutput(config, config.intermediate_size)

    def forward(self, x):
        inner = self.intermediate(x)
        return self.output(inner, x)


class MobileBertLayer(Block):
    def __init__(self, config):
        super().__init__()
        self.attention = MobileBertAttention(config)
        self.intermediate = MobileBertIntermediate(config)
        self.output = MobileBertOutput(config)
        self.narrow = config.use_bottleneck
        if self.narrow:
            self.bottleneck = Bottleneck(config)
        self.more = config.num_feedforward_networks - 1
        if self.more > 0:
            self.ffn = nn.ModuleList([FFNLayer(config) for _ in range(self.more)])

    def forward(self, x, mask=None):
        asked, known, told, beside = self.bottleneck(x) if self.narrow else (x, x, x, x)
        out, weights = self.attention(asked, known, told, beside, mask)
        attended = out
        for i in range(self.more):
            attended = self.ffn[i](attended)
        inner = self.intermediate(attended)
        return self.output(inner, attended, x)


class MobileBertEncoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.layer = nn.ModuleList([MobileBertLayer(config) for _ in range(config.num_hidden_layers)])

    def forward(self, x, mask=None):
        for layer in self.layer:
            x = layer(x, mask)
        return x


class MobileBertPooler(nn.Module):
    """The first token's vector, through a linear layer and tanh where the config says so."""

    def __init__(self, config):
        super().__init__()
        self.active = config.classifier_activation
        if self.active:
            self.dense = nn.Linear(config.hidden_size, config.hidden_size)

    def forward(self, x):
        return torch.tanh(self.dense(x[:, 0])) if self.active else x[:, 0]


class MobileBertModel(Model):
    def __init__(self, config, pooling=True):
        super().__init__(config)
        self.embeddings = MobileBertEmbeddings(config)
        self.encoder = MobileBertEncoder(config)
        self.pooler = MobileBertPooler(config) if pooling else None

    def forward(self, input_ids=None, attention_mask=None, token_type_ids=None, position_ids=None, inputs_embeds=None, **kwargs):
        embedded = self.embeddings(input_ids, token_type_ids, position_ids, inputs_embeds)
        x = self.encoder(embedded, padding_mask(self.config, embedded, attention_mask))
        return Output(last_hidden_state=x, pooler_output=None if self.pooler is None else self.pooler(x))


class MobileBertPredictions(nn.Module):
    """Logits over the vocabulary, by the embedding's weights and others for the features that it lacks."""

    def __init__(self, config):
        super().__init__()
        self.transform = Transform(config)
        self.dense = nn.Linear(config.vocab_size, config.hidden_size - config.embedding_size, bias=False)
        self.decoder = nn.Linear(config.embedding_size, config.vocab_size)
        self.bias = nn.Parameter(torch.zeros(config.vocab_size))

    def tie(self, weight):
        self.decoder.weight = weight
        self.decoder.bias = self.bias

    def forward(self, x):
        x = self.transform(x)
        x = x.matmul(torch.cat([self.decoder.weight.t(), self.dense.weight], dim=0))
        x += self.decoder.bias
        return x


class MobileBertMaskedHead(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.predictions = MobileBertPredictions(config)

    def forward(self, x):
        return self.predictions(x)


class MobileBertForMaskedLM(ForWords):
    base, name = MobileBertModel, "mobilebert"

    def make_head(self, config):
        return MobileBertMaskedHead(config)


class MobileBertPreTrainingHeads(MobileBertMaskedHead):
    def __init__(self, config):
        super().__init__(config)
        self.seq_relationship = nn.Linear(config.hidden_size, 2)

    def forward(self, x, pooled):
        return self.predictions(x), self.seq_relationship(pooled)


class MobileBertForPreTraining(BertForPreTraining):
    base, name = MobileBertModel, "mobilebert"

    def make_head(self, config):
        return MobileBertPreTrainingHeads(config)


class MobileBertForNextSentencePrediction(BertForNextSentencePrediction):
    base, name = MobileBertModel, "mobilebert"


class MobileBertForSequenceClassification(ForClass):
    base, name = MobileBertModel, "mobilebert"


class MobileBertForMultipleChoice(ForChoice):
    base, name = MobileBertModel, "mobilebert"


class MobileBertForTokenClassification(ForTokens):
    base, name = MobileBertModel, "mobilebert"


class MobileBertForQuestionAnswering(ForSpans):
    base, name = MobileBertModel, "mobilebert"
