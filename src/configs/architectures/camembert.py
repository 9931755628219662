"""Camembert: BERT whose positions are counted from behind the padding token's number."""
from .parts.config import Config
from .parts.encoder import EncoderModel, RobertaEmbeddings
from .parts.encoder_heads import ForChoice, ForClassOfFirst, ForSpans, ForTokens, ForWords


class CamembertConfig(Config):
    model_type = "camembert"
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


class CamembertModel(EncoderModel):
    embeddings_class = RobertaEmbeddings


class CamembertForMaskedLM(ForWords):
    base, name, head = CamembertModel, "roberta", "lm_head"


class CamembertForCausalLM(ForWords):
    base, name, head = CamembertModel, "roberta", "lm_head"
    causal = True


class CamembertForSequenceClassification(ForClassOfFirst):
    base, name = CamembertModel, "roberta"


class CamembertForMultipleChoice(ForChoice):
    base, name = CamembertModel, "roberta"


class CamembertForTokenClassification(ForTokens):
    base, name = CamembertModel, "roberta"


class CamembertForQuestionAnswering(ForSpans):
    base, name = CamembertModel, "roberta"
