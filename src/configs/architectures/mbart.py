"""mBART: BART with norms before each half."""
from .bart import BartConfig, BartForCausalLM, BartForConditionalGeneration, BartForQuestionAnswering
from .bart import BartForSequenceClassification, BartModel


class MBartConfig(BartConfig):
    model_type = "mbart"
    pre_norm = True
    labels = 2
    defaults = dict(BartConfig.defaults, decoder_start_token_id=None)


class MBartModel(BartModel):
    pass


class MBartForConditionalGeneration(BartForConditionalGeneration):
    base = MBartModel


class MBartForSequenceClassification(BartForSequenceClassification):
    base = MBartModel


class MBartForQuestionAnswering(BartForQuestionAnswering):
    base = MBartModel


class MBartForCausalLM(BartForCausalLM):
    pass
