"""SqueezeBERT: BERT whose linear layers are convolutions of width 1 in groups, over `[B, hidden, T]`."""
import math

import torch
from torch import nn

from .bert import BertConfig
from .parts.activations import activation
from .parts.encoder import Pooler
from .parts.encoder_heads import ForChoice, ForClass, ForSpans, ForTokens, ForWords
from .parts.heads import Model
from .parts.masks import padding_mask
from .parts.output import Output


class SqueezeBertConfig(BertConfig):
    model_type = "squeezebert"
    eager_only = True
    whole_heads = True
    defaults = dict(
        BertConfig.defaults,
        embedding_size=768,
        q_groups=4,
        k_groups=4,
        v_groups=4,
        post_attention_groups=1,
        intermediate_groups=4,
        output_groups=4,
    )

    def complete(self, given):
        if self.embedding_size != self.hidden_size:
            raise ValueError(f"embedding_size {self.embedding_size} is not hidden_size {self.hidden_size}")


class SqueezeBertEmbeddings(nn.Module):
    def __init__(self, config):
        super().__init__()
        size, length = config.embedding_size, config.max_position_embeddings
        self.word_embeddings = nn.Embedding(config.vocab_size, size, padding_idx=config.pad_token_id)
        self.position_embeddings = nn.Embedding(length, size)
        self.token_type_embeddings = nn.Embedding(config.type_vocab_size, size)
        self.LayerNorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.dropout = nn.Dropout(config.hidden_dropout_prob)
        self.register_buffer("position_ids", torch.arange(length).expand((1, -1)), persistent=False)

    def forward(self, input_ids, token_type_ids, position_ids=None, inputs_embeds=None):
        words = self.word_embeddings(input_ids) if inputs_embeds is None else inputs_embeds
        if position_ids is None:
            position_ids = self.position_ids[:, : words.shape[1]]
        place = self.position_embeddings(position_ids)
        kind = self.token_type_embeddings(token_type_ids)
        x = words + place + kind
        x = self.LayerNorm(x)
        return self.dropout(x)


class ChannelNorm(nn.LayerNorm):
    """LayerNorm over the channels of `[B, hidden, T]`."""

    def forward(self, x):
        x = x.permute(0, 2, 1)
        x = super().forward(x)
        return x.permute(0, 2, 1)


class Product(nn.Module):
    def forward(self, left, right):
        return torch.matmul(left, right)


class ConvDropoutLayerNorm(nn.Module):
    def __init__(self, size, width, groups, dropout):
        super().__init__()
        self.conv1d = nn.Conv1d(size, width, kernel_size=1, groups=groups)
        self.layernorm = ChannelNorm(width, eps=1e-12)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, residual):
        x = self.conv1d(x)
        x = self.dropout(x)
        x = x + residual
        return self.layernorm(x)


class ConvActivation(nn.Module):
    def __init__(self, size, width, groups, act):
        super().__init__()
        self.conv1d = nn.Conv1d(size, width, kernel_size=1, groups=groups)
        self.act = activation(act)

    def forward(self, x):
        out = self.conv1d(x)
        return self.act(out)


class SqueezeBertSelfAttention(nn.Module):
    def __init__(self, config):
        super().__init__()
        size = config.hidden_size
        self.heads, self.head_dim = config.num_attention_heads, size // config.num_attention_heads
        self.query = nn.Conv1d(size, size, kernel_size=1, groups=config.q_groups)
        self.key = nn.Conv1d(size, size, kernel_size=1, groups=config.k_groups)
        self.value = nn.Conv1d(size, size, kernel_size=1, groups=config.v_groups)
        self.dropout = nn.Dropout(config.attention_probs_dropout_prob)
        self.softmax = nn.Softmax(dim=-1)
        self.matmul_qk = Product()
        self.matmul_qkv = Product()

    def split(self, x):
        """`[B, hidden, T]` → `[B, heads, width, T]`."""
        return x.view(x.shape[0], self.heads, self.head_dim, x.shape[-1])

    def forward(self, x, mask=None):
        query, key, value = self.query(x), self.key(x), self.value(x)
        query, value = self.split(query).permute(0, 1, 3, 2), self.split(value).permute(0, 1, 3, 2)
        scores = self.matmul_qk(query, self.split(key))
        scores = scores / math.sqrt(self.head_dim)
        if mask is not None:
            scores = scores + mask
        weights = self.softmax(scores)
        weights = self.dropout(weights)
        out = self.matmul_qkv(weights, value)
        out = out.permute(0, 1, 3, 2).contiguous()
        return out.view(x.shape[0], -1, x.shape[-1])


class SqueezeBertModule(nn.Module):
    def __init__(self, config):
        super().__init__()
        size, width, dropout = config.hidden_size, config.intermediate_size, config.hidden_dropout_prob
        self.attention = SqueezeBertSelfAttention(config)
        self.post_attention = ConvDropoutLayerNorm(size, size, config.post_attention_groups, dropout)
        self.intermediate = ConvActivation(size, width, config.intermediate_groups, config.hidden_act)
        self.output = ConvDropoutLayerNorm(width, size, config.output_groups, dropout)

    def forward(self, x, mask=None):
        attended = self.attention(x, mask)
        out = self.post_attention(attended, x)
        inner = self.intermediate(out)
        return self.output(inner, out)


class SqueezeBertEncoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.layers = nn.ModuleList([SqueezeBertModule(config) for _ in range(config.num_hidden_layers)])

    def forward(self, x, mask=None):
        x = x.permute(0, 2, 1)
        for layer in self.layers:
            # transformers calls forward itself, so that hooks of the layer do not run.
            x = layer.forward(x, mask)
        return x.permute(0, 2, 1)


class SqueezeBertModel(Model):
    def __init__(self, config, pooling=True):
        super().__init__(config)
        self.embeddings = SqueezeBertEmbeddings(config)
        self.encoder = SqueezeBertEncoder(config)
        self.pooler = Pooler(config)

    def forward(self, input_ids=None, attention_mask=None, token_type_ids=None, position_ids=None, inputs_embeds=None, **kwargs):
        given = input_ids if inputs_embeds is None else inputs_embeds
        if attention_mask is None:
            attention_mask = torch.ones(given.shape[:2], device=given.device)
        if token_type_ids is None:
            token_type_ids = torch.zeros(given.shape[:2], dtype=torch.long, device=given.device)
        embedded = self.embeddings(input_ids, token_type_ids, position_ids, inputs_embeds)
        attention_mask = padding_mask(self.config, embedded, attention_mask)
        x = self.encoder(embedded, attention_mask)
        return Output(last_hidden_state=x, pooler_output=self.pooler(x))


class SqueezeBertForMaskedLM(ForWords):
    base, name = SqueezeBertModel, "transformer"


class SqueezeBertForSequenceClassification(ForClass):
    base, name = SqueezeBertModel, "transformer"


class SqueezeBertForMultipleChoice(ForChoice):
    base, name = SqueezeBertModel, "transformer"


class SqueezeBertForTokenClassification(ForTokens):
    base, name = SqueezeBertModel, "transformer"


class SqueezeBertForQuestionAnswering(ForSpans):
    base, name = SqueezeBertModel, "transformer"
