"""BERT: an encoder with learned positions and segments, normalised behind each half."""
from torch import nn

from .parts.config import Config
from .parts.encoder import EncoderModel
from .parts.encoder_heads import ForChoice, ForClass, ForSpans, ForTokens, ForWords, Headed, MaskedHead
from .parts.losses import plain_loss
from .parts.output import Output


class BertConfig(Config):
    model_type = "bert"
    defaults = dict(
        vocab_size=30522,
        hidden_size=768,
        num_hidden_layers=12,
        num_attention_heads=12,
        intermediate_size=3072,
        hidden_act="gelu",
        hidden_dropout_prob=0.1,
        attention_probs_dropout_prob=0.1,
        max_position_embeddings=512,
        type_vocab_size=2,
        layer_norm_eps=1e-12,
        pad_token_id=0,
        tie_word_embeddings=True,
    )


class BertModel(EncoderModel):
    pass


class BertForMaskedLM(ForWords):
    base = BertModel


class BertLMHeadModel(ForWords):
    base = BertModel
    causal = True


class BertPreTrainingHeads(MaskedHead):
    def __init__(self, config):
        super().__init__(config)
        self.seq_relationship = nn.Linear(config.hidden_size, 2)

    def forward(self, x, pooled):
        return self.predictions(x), self.seq_relationship(pooled)


class BertForPreTraining(ForWords):
    base = BertModel
    pooling = True

    def make_head(self, config):
        return BertPreTrainingHeads(config)

    def forward(self, input_ids=None, labels=None, next_sentence_label=None, **kwargs):
        out = self.body(input_ids, **kwargs)
        words, follows = self.cls(out.last_hidden_state, out.pooler_output)
        loss = None
        if labels is not None and next_sentence_label is not None:
            loss = plain_loss(words, labels, self.config.vocab_size) + plain_loss(follows, next_sentence_label, 2)
        return Output(loss=loss, prediction_logits=words, seq_relationship_logits=follows)


class BertOnlyNSPHead(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.seq_relationship = nn.Linear(config.hidden_size, 2)

    def forward(self, pooled):
        return self.seq_relationship(pooled)


class BertForNextSentencePrediction(Headed):
    base = BertModel
    pooling = True

    def __init__(self, config):
        super().__init__(config)
        self.cls = BertOnlyNSPHead(config)

    def forward(self, input_ids=None, labels=None, **kwargs):
        logits = self.cls(self.body(input_ids, **kwargs).pooler_output)
        return Output(loss=None if labels is None else plain_loss(logits, labels, 2), logits=logits)


class BertForSequenceClassification(ForClass):
    base = BertModel


class BertForMultipleChoice(ForChoice):
    base = BertModel


class BertForTokenClassification(ForTokens):
    base = BertModel


class BertForQuestionAnswering(ForSpans):
    base = BertModel
