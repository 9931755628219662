"""ERNIE: BERT that may be told the kind of task besides."""
import torch
from torch import nn

from .bert import BertConfig, BertForNextSentencePrediction, BertForPreTraining
from .parts.encoder import Embeddings, EncoderModel
from .parts.encoder_heads import ForChoice, ForClass, ForSpans, ForTokens, ForWords


class ErnieConfig(BertConfig):
    model_type = "ernie"
    defaults = dict(BertConfig.defaults, task_type_vocab_size=3, use_task_id=False)


class ErnieEmbeddings(Embeddings):
    """The task's vector is added to the others where the config asks for it; the task is the first one."""

    def __init__(self, config):
        super().__init__(config)
        self.tasked = config.use_task_id
        if self.tasked:
            self.task_type_embeddings = nn.Embedding(config.task_type_vocab_size, config.hidden_size)

    def forward(self, input_ids=None, token_type_ids=None, position_ids=None, inputs_embeds=None, past=0):
        if not self.tasked:
            return super().forward(input_ids, token_type_ids, position_ids, inputs_embeds, past)
        if inputs_embeds is None:
            inputs_embeds = self.word_embeddings(input_ids)
        batch, length = inputs_embeds.shape[:2]
        if position_ids is None:
            position_ids = self.position_ids[:, past : length + past]
        if token_type_ids is None:
            kinds = self.token_type_ids.expand(position_ids.shape[0], -1)
            token_type_ids = torch.gather(kinds, dim=1, index=position_ids).expand(batch, length)
        kind = self.token_type_embeddings(token_type_ids)
        x = inputs_embeds + kind
        place = self.position_embeddings(position_ids)
        x = x + place
        task = self.task_type_embeddings(torch.zeros((batch, length), dtype=torch.long, device=x.device))
        x += task
        return self.dropout(self.LayerNorm(x))


class ErnieModel(EncoderModel):
    embeddings_class = ErnieEmbeddings


class ErnieForMaskedLM(ForWords):
    base, name = ErnieModel, "ernie"


class ErnieForCausalLM(ForWords):
    base, name = ErnieModel, "ernie"
    causal = True


class ErnieForPreTraining(BertForPreTraining):
    base, name = ErnieModel, "ernie"


class ErnieForNextSentencePrediction(BertForNextSentencePrediction):
    base, name = ErnieModel, "ernie"


class ErnieForSequenceClassification(ForClass):
    base, name = ErnieModel, "ernie"


class ErnieForMultipleChoice(ForChoice):
    base, name = ErnieModel, "ernie"


class ErnieForTokenClassification(ForTokens):
    base, name = ErnieModel, "ernie"


class ErnieForQuestionAnswering(ForSpans):
    base, name = ErnieModel, "ernie"
