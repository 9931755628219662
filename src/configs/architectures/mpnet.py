"""MPNet: BERT without segments, whose scores are shifted by learned distances."""
import math

import torch
from torch import nn

from .bert import BertConfig
from .parts.attention import split_heads
from .parts.block import Block
from .parts.encoder import Intermediate, Pooler, ResidualOutput
from .parts.encoder_heads import ForChoice, ForClassOfFirst, ForSpans, ForTokens, ForWords
from .parts.heads import Model
from .parts.masks import padding_mask
from .parts.output import Output


class MPNetConfig(BertConfig):
    model_type = "mpnet"
    eager_only = True
    defaults = dict(BertConfig.defaults, vocab_size=30527, pad_token_id=1, relative_attention_num_buckets=32)


class MPNetEmbeddings(nn.Module):
    def __init__(self, config):
        super().__init__()
        size, length = config.hidden_size, config.max_position_embeddings
        self.padding_idx = 1
        self.word_embeddings = nn.Embedding(config.vocab_size, size, padding_idx=self.padding_idx)
        self.position_embeddings = nn.Embedding(length, size, padding_idx=self.padding_idx)
        self.LayerNorm = nn.LayerNorm(size, eps=config.layer_norm_eps)
        self.dropout = nn.Dropout(config.hidden_dropout_prob)
        self.register_buffer("position_ids", torch.arange(length).expand((1, -1)), persistent=False)

    def forward(self, input_ids):
        real = input_ids.ne(self.padding_idx).int()
        places = (torch.cumsum(real, dim=1).type_as(real) * real).long() + self.padding_idx
        return self.dropout(self.LayerNorm(self.word_embeddings(input_ids) + self.position_embeddings(places)))


class MPNetSelfAttention(nn.Module):
    def __init__(self, config):
        super().__init__()
        size = config.hidden_size
        self.head_dim = size // config.num_attention_heads
        self.q = nn.Linear(size, size)
        self.k = nn.Linear(size, size)
        self.v = nn.Linear(size, size)
        self.o = nn.Linear(size, size)
        self.dropout = nn.Dropout(config.attention_probs_dropout_prob)

    def forward(self, x, mask=None, bias=None):
        query, key, value = (split_heads(proj(x), self.head_dim) for proj in (self.q, self.k, self.v))
        scores = torch.matmul(query, key.transpose(-1, -2)) / math.sqrt(self.head_dim)
        scores += bias
        if mask is not None:
            scores = scores + mask
        weights = self.dropout(nn.functional.softmax(scores, dim=-1))
        out = torch.matmul(weights, value).permute(0, 2, 1, 3).contiguous()
        return self.o(out.view(*x.shape[:-1], -1))


class MPNetAttention(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.attn = MPNetSelfAttention(config)
        self.LayerNorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.dropout = nn.Dropout(config.hidden_dropout_prob)

    def forward(self, x, mask=None, bias=None):
        return self.LayerNorm(self.dropout(self.attn(x, mask, bias)) + x)


class MPNetLayer(Block):
    def __init__(self, config):
        super().__init__()
        self.attention = MPNetAttention(config)
        self.intermediate = Intermediate(config)
        self.output = ResidualOutput(config, config.intermediate_size)

    def forward(self, x, mask=None, bias=None):
        x = self.attention(x, mask, bias)
        return self.output(self.intermediate(x), x)


class MPNetEncoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.layer = nn.ModuleList([MPNetLayer(config) for _ in range(config.num_hidden_layers)])
        self.relative_attention_bias = nn.Embedding(config.relative_attention_num_buckets, config.num_attention_heads)

    def bias(self, x):
        """What is added to the scores, `[B, heads, T, T]`."""
        places = torch.arange(x.size(1), dtype=torch.long)
        distance = places[:, None] - places[None, :]
        found = (distance < 0).to(torch.long) * 16
        distance = torch.abs(distance)
        far = 8 + (torch.log(distance.float() / 8) / math.log(128 / 8) * 8).to(torch.long)
        found += torch.where(distance < 8, distance, torch.min(far, torch.full_like(far, 15)))
        values = self.relative_attention_bias(found.to(x.device)).permute([2, 0, 1]).unsqueeze(0)
        return values.expand((x.size(0), -1, x.size(1), x.size(1))).contiguous()

    def forward(self, x, mask=None):
        bias = self.bias(x)
        for layer in self.layer:
            x = layer(x, mask, bias)
        return x


class MPNetModel(Model):
    def __init__(self, config, pooling=True):
        super().__init__(config)
        self.embeddings = MPNetEmbeddings(config)
        self.encoder = MPNetEncoder(config)
        self.pooler = Pooler(config) if pooling else None

    def forward(self, input_ids=None, attention_mask=None, **kwargs):
        x = self.embeddings(input_ids)
        x = self.encoder(x, padding_mask(self.config, x, attention_mask))
        return Output(last_hidden_state=x, pooler_output=None if self.pooler is None else self.pooler(x))


class MPNetForMaskedLM(ForWords):
    base, name, head = MPNetModel, "mpnet", "lm_head"


class MPNetForSequenceClassification(ForClassOfFirst):
    base, name = MPNetModel, "mpnet"


class MPNetForMultipleChoice(ForChoice):
    base, name = MPNetModel, "mpnet"


class MPNetForTokenClassification(ForTokens):
    base, name = MPNetModel, "mpnet"


class MPNetForQuestionAnswering(ForSpans):
    base, name = MPNetModel, "mpnet"
