"""HuBERT: wav2vec 2.0's network, trained to name clusters of sounds."""
from .parts.output import Output
from .parts.speech_heads import CTCHead, ClassHead
from .wav2vec2 import Wav2Vec2Config, Wav2Vec2Model


class HubertConfig(Wav2Vec2Config):
    model_type = "hubert"


class HubertModel(Wav2Vec2Model):
    def kept(self, features, normed):
        return features

    def answer(self, x, features):
        return Output(last_hidden_state=x)


class HubertForCTC(CTCHead):
    base, name = HubertModel, "hubert"


class HubertForSequenceClassification(ClassHead):
    base, name = HubertModel, "hubert"
