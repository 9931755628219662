"""XLMRoberta: BERT whose positions are counted from behind the padding token's number."""
from .parts.config import Config
from .parts.encoder import EncoderModel, RobertaEmbeddings
from .parts.encoder_heads import ForChoice, ForClassOfFirst, ForSpans, ForTokens, ForWords


class XLMRobertaConfig(Config):
    model_type = "xlm-roberta"
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
        pad_token_id=1,
        tie_word_embeddings=True,
    )


class XLMRobertaModel(EncoderModel):
    embeddings_class = RobertaEmbeddings


class XLMRobertaForMaskedLM(ForWords):
    base, name, head = XLMRobertaModel, "roberta", "lm_head"


class XLMRobertaForCausalLM(ForWords):
    base, name, head = XLMRobertaModel, "roberta", "lm_head"
    causal = True


class XLMRobertaForSequenceClassification(ForClassOfFirst):
    base, name = XLMRobertaModel, "roberta"


class XLMRobertaForMultipleChoice(ForChoice):
    base, name = XLMRobertaModel, "roberta"


class XLMRobertaForTokenClassification(ForTokens):
    base, name = XLMRobertaModel, "roberta"


class XLMRobertaForQuestionAnswering(ForSpans):
    base, name = XLMRobertaModel, "roberta"
