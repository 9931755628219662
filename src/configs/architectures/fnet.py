"""FNet: BERT whose attention is a Fourier transform."""
import torch
from torch import nn

from .bert import BertConfig, BertForNextSentencePrediction, BertForPreTraining
from .parts.encoder import Embeddings, Intermediate, Pooler, ResidualOutput
from .parts.encoder_heads import ForChoice, ForClass, ForSpans, ForTokens, ForWords
from .parts.heads import Model
from .parts.output import Output


class FNetConfig(BertConfig):
    model_type = "fnet"
    defaults = dict(BertConfig.defaults, vocab_size=32000, type_vocab_size=4, hidden_act="gelu_new", pad_token_id=3)


class FNetEmbeddings(Embeddings):
    def __init__(self, config):
        super().__init__(config)
        self.projection = nn.Linear(config.hidden_size, config.hidden_size)

    def forward(self, input_ids=None, token_type_ids=None, position_ids=None, inputs_embeds=None):
        x = self.word_embeddings(input_ids) if inputs_embeds is None else inputs_embeds
        length = x.shape[1]
        if token_type_ids is None:
            token_type_ids = self.token_type_ids[:, :length].expand(x.shape[0], length)
        x = x + self.token_type_embeddings(token_type_ids)
        x = x + self.position_embeddings(self.position_ids[:, :length] if position_ids is None else position_ids)
        return self.dropout(self.projection(self.LayerNorm(x)))


class FNetBasicFourierTransform(nn.Module):
    def forward(self, x):
        return torch.fft.fftn(x, dim=(1, 2)).real


class FNetBasicOutput(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.LayerNorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)

    def forward(self, x, residual):
        return self.LayerNorm(residual + x)


class FNetFourierTransform(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.self = FNetBasicFourierTransform()
        self.output = FNetBasicOutput(config)

    def forward(self, x):
        return self.output(self.self(x), x)


class FNetLayer(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.fourier = FNetFourierTransform(config)
        self.intermediate = Intermediate(config)
        self.output = ResidualOutput(config, config.intermediate_size)

    def forward(self, x):
        x = self.fourier(x)
        return self.output(self.intermediate(x), x)


class FNetEncoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.layer = nn.ModuleList([FNetLayer(config) for _ in range(config.num_hidden_layers)])

    def forward(self, x):
        for layer in self.layer:
            x = layer(x)
        return x


class FNetModel(Model):
    def __init__(self, config, pooling=True):
        super().__init__(config)
        self.embeddings = FNetEmbeddings(config)
        self.encoder = FNetEncoder(config)
        self.pooler = Pooler(config) if pooling else None

    def forward(self, input_ids=None, token_type_ids=None, position_ids=None, inputs_embeds=None, **kwargs):
        x = self.encoder(self.embeddings(input_ids, token_type_ids, position_ids, inputs_embeds))
        return Output(last_hidden_state=x, pooler_output=None if self.pooler is None else self.pooler(x))


class FNetForMaskedLM(ForWords):
    base, name, pooling = FNetModel, "fnet", True


class FNetForPreTraining(BertForPreTraining):
    base, name = FNetModel, "fnet"


class FNetForNextSentencePrediction(BertForNextSentencePrediction):
    base, name = FNetModel, "fnet"


class FNetForSequenceClassification(ForClass):
    base, name = FNetModel, "fnet"


class FNetForMultipleChoice(ForChoice):
    base, name = FNetModel, "fnet"


class FNetForTokenClassification(ForTokens):
    base, name, pooling = FNetModel, "fnet", True


class FNetForQuestionAnswering(ForSpans):
    base, name, pooling = FNetModel, "fnet", True
