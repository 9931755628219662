"""mT5: T5 with a gated feed-forward and many languages' words."""
from .t5 import T5Config, T5EncoderModel, T5ForConditionalGeneration, T5ForQuestionAnswering, T5ForSequenceClassification
from .t5 import T5ForTokenClassification, T5Model


class MT5Config(T5Config):
    model_type = "mt5"
    scaled_outputs = False
    defaults = dict(
        T5Config.defaults,
        vocab_size=250112,
        d_ff=1024,
        num_layers=8,
        num_heads=6,
        feed_forward_proj="gated-gelu",
    )


class MT5Model(T5Model):
    pass


class MT5ForConditionalGeneration(T5ForConditionalGeneration):
    pass


class MT5EncoderModel(T5EncoderModel):
    pass


class MT5ForSequenceClassification(T5ForSequenceClassification):
    base = MT5Model


class MT5ForTokenClassification(T5ForTokenClassification):
    base = MT5EncoderModel


class MT5ForQuestionAnswering(T5ForQuestionAnswering):
    pass
