"""UMT5: T5 where every layer has its own distances."""
from .t5 import T5Config, T5EncoderModel, T5ForConditionalGeneration, T5ForQuestionAnswering, T5ForSequenceClassification
from .t5 import T5ForTokenClassification, T5Model, T5Stack


class UMT5Config(T5Config):
    model_type = "umt5"
    scaled_outputs = True
    defaults = dict(
        T5Config.defaults,
        vocab_size=250112,
        d_ff=1024,
        num_layers=8,
        num_heads=6,
        feed_forward_proj="gated-gelu",
    )


class UMT5Stack(T5Stack):
    every = True
class UMT5Model(T5Model):
    stack_class = UMT5Stack


class UMT5ForConditionalGeneration(T5ForConditionalGeneration):
    stack_class = UMT5Stack


class UMT5EncoderModel(T5EncoderModel):
    stack_class = UMT5Stack


class UMT5ForSequenceClassification(T5ForSequenceClassification):
    base = UMT5Model


class UMT5ForTokenClassification(T5ForTokenClassification):
    base = UMT5EncoderModel


class UMT5ForQuestionAnswering(T5ForQuestionAnswering):
    stack_class = UMT5Stack
