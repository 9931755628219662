"""ELECTRA: BERT with narrow embeddings, trained to tell replaced words from real ones."""
from torch import nn

from .bert import BertConfig
from .gpt2 import GPT2SequenceSummary
from .parts.activations import activation
from .parts.encoder import Embeddings, EncoderModel
from .parts.encoder_heads import ClassificationHead, ForClassOfFirst, ForSpans, ForTokens, Headed
from .parts.losses import causal_loss, plain_loss
from .parts.output import Output


class ElectraConfig(BertConfig):
    model_type = "electra"
    defaults = dict(
        BertConfig.defaults,
        embedding_size=128,
        hidden_size=256,
        num_attention_heads=4,
        intermediate_size=1024,
        summary_type="first",
        summary_use_proj=True,
        summary_activation="gelu",
        summary_last_dropout=0.1,
    )


class NarrowEmbeddings(Embeddings):
    def __init__(self, config):
        super().__init__(config, config.embedding_size)


class ElectraModel(EncoderModel):
    embeddings_class = NarrowEmbeddings
    pooler_class = None

    def __init__(self, config, pooling=False):
        super().__init__(config, pooling)
        self.projects = config.embedding_size != config.hidden_size
        if self.projects:
            self.embeddings_project = nn.Linear(config.embedding_size, config.hidden_size)

    def embed(self, *args):
        x = self.embeddings(*args)
        return self.embeddings_project(x) if self.projects else x


class ElectraHead(ClassificationHead):
    def forward(self, x):
        return self.out_proj(self.dropout(nn.functional.gelu(self.dense(self.dropout(x[:, 0, :])))))


class ElectraForSequenceClassification(ForClassOfFirst):
    base, name = ElectraModel, "electra"
    head_class = ElectraHead


class ElectraDiscriminatorPredictions(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.dense = nn.Linear(config.hidden_size, config.hidden_size)
        self.activation = activation(config.hidden_act)
        self.dense_prediction = nn.Linear(config.hidden_size, 1)

    def forward(self, x):
        return self.dense_prediction(self.activation(self.dense(x))).squeeze(-1)


class ElectraForPreTraining(Headed):
    base, name = ElectraModel, "electra"

    def __init__(self, config):
        super().__init__(config)
        self.discriminator_predictions = ElectraDiscriminatorPredictions(config)

    def forward(self, input_ids=None, labels=None, **kwargs):
        logits = self.discriminator_predictions(self.body(input_ids, **kwargs).last_hidden_state)
        loss = None
        if labels is not None:
            loss = nn.functional.binary_cross_entropy_with_logits(logits.view(-1, logits.shape[1]), labels.float())
        return Output(loss=loss, logits=logits)


class ElectraGeneratorPredictions(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.activation = activation("gelu")
        self.LayerNorm = nn.LayerNorm(config.embedding_size, eps=config.layer_norm_eps)
        self.dense = nn.Linear(config.hidden_size, config.embedding_size)

    def forward(self, x):
        return self.LayerNorm(self.activation(self.dense(x)))


class ElectraForMaskedLM(Headed):
    base, name = ElectraModel, "electra"
    causal = False

    def __init__(self, config):
        super().__init__(config)
        self.generator_predictions = ElectraGeneratorPredictions(config)
        self.generator_lm_head = nn.Linear(config.embedding_size, config.vocab_size)
        if config.tie_word_embeddings:
            self.generator_lm_head.weight = self.words()

    def forward(self, input_ids=None, labels=None, **kwargs):
        out = self.body(input_ids, **kwargs)
        logits = self.generator_lm_head(self.generator_predictions(out.last_hidden_state))
        loss = None
        if labels is not None:
            loss = (causal_loss if self.causal else plain_loss)(logits, labels, self.config.vocab_size)
        return Output(loss=loss, logits=logits, past_key_values=out.past_key_values)


class ElectraForCausalLM(ElectraForMaskedLM):
    causal = True


class ElectraForTokenClassification(ForTokens):
    base, name = ElectraModel, "electra"


class ElectraForQuestionAnswering(ForSpans):
    base, name = ElectraModel, "electra"


class ElectraForMultipleChoice(Headed):
    base, name = ElectraModel, "electra"

    def __init__(self, config):
        super().__init__(config)
        self.sequence_summary = GPT2SequenceSummary(config)
        self.classifier = nn.Linear(config.hidden_size, 1)

    def forward(self, input_ids=None, labels=None, **kwargs):
        hidden = self.body(input_ids.view(-1, input_ids.size(-1)), **kwargs).last_hidden_state
        logits = self.classifier(self.sequence_summary(hidden)).view(-1, input_ids.shape[1])
        loss = None if labels is None else nn.functional.cross_entropy(logits, labels)
        return Output(loss=loss, logits=logits)
