"""ConvBERT: half of BERT's attention heads give way to convolutions whose kernels each token makes."""
import math

import torch
from torch import nn

from .bert import BertConfig
from .electra import ElectraGeneratorPredictions
from .parts.activations import activation
from .parts.block import Block
from .parts.encoder import Embeddings, ResidualOutput
from .parts.encoder_heads import ClassificationHead, ForClassOfFirst, ForSpans, ForTokens, Headed
from .parts.heads import Model
from .parts.losses import plain_loss
from .parts.masks import padding_mask
from .parts.output import Output


class ConvBertConfig(BertConfig):
    model_type = "convbert"
    eager_only = True
    defaults = dict(
        BertConfig.defaults,
        pad_token_id=1,
        embedding_size=768,
        head_ratio=2,
        conv_kernel_size=9,
        num_groups=1,
    )


class ConvBertEmbeddings(Embeddings):
    def __init__(self, config):
        super().__init__(config, config.embedding_size)

    def forward(self, input_ids=None, token_type_ids=None, position_ids=None, inputs_embeds=None):
        if inputs_embeds is None:
            inputs_embeds = self.word_embeddings(input_ids)
        batch, length = inputs_embeds.shape[:2]
        if position_ids is None:
            position_ids = self.position_ids[:, :length]
        if token_type_ids is None:
            token_type_ids = self.token_type_ids[:, :length].expand(batch, length)
        place = self.position_embeddings(position_ids)
        kind = self.token_type_embeddings(token_type_ids)
        x = inputs_embeds + place + kind
        return self.dropout(self.LayerNorm(x))


class SeparableConv1D(nn.Module):
    """A convolution of each channel for itself, then a product over the channels."""

    def __init__(self, size, width, kernel):
        super().__init__()
        self.depthwise = nn.Conv1d(size, size, kernel_size=kernel, groups=size, padding=kernel // 2, bias=False)
        self.pointwise = nn.Conv1d(size, width, kernel_size=1, bias=False)
        self.bias = nn.Parameter(torch.zeros(width, 1))

    def forward(self, x):
        x = self.depthwise(x)
        x = self.pointwise(x)
        x += self.bias
        return x


class ConvBertSelfAttention(nn.Module):
    def __init__(self, config):
        super().__init__()
        size = config.hidden_size
        self.heads = max(config.num_attention_heads // config.head_ratio, 1)
        if size % self.heads != 0:
            raise ValueError(f"hidden_size {size} is not a multiple of {self.heads} attention heads")
        self.head_dim = size // self.heads // 2
        self.width, self.kernel = self.heads * self.head_dim, config.conv_kernel_size
        self.query = nn.Linear(size, self.width)
        self.key = nn.Linear(size, self.width)
        self.value = nn.Linear(size, self.width)
        self.key_conv_attn_layer = SeparableConv1D(size, self.width, self.kernel)
        self.conv_kernel_layer = nn.Linear(self.width, self.heads * self.kernel)
        self.conv_out_layer = nn.Linear(size, self.width)
        self.unfold = nn.Unfold(kernel_size=[self.kernel, 1], padding=[(self.kernel - 1) // 2, 0])
        self.dropout = nn.Dropout(config.attention_probs_dropout_prob)

    def split(self, x):
        return x.view(*x.shape[:-1], -1, self.head_dim).transpose(1, 2)

    def convolved(self, x, kernels):
        """Each head's neighbourhood of every token, weighted by the kernel that the token made: `[B, T, heads, width]`."""
        batch = x.shape[0]
        spread = torch.reshape(self.conv_out_layer(x), [batch, -1, self.width])
        spread = spread.transpose(1, 2).contiguous().unsqueeze(-1)
        spread = nn.functional.unfold(spread, kernel_size=[self.kernel, 1], dilation=1, padding=[(self.kernel - 1) // 2, 0], stride=1)
        spread = spread.transpose(1, 2).reshape(batch, -1, self.width, self.kernel)
        spread = torch.reshape(spread, [-1, self.head_dim, self.kernel])
        spread = torch.matmul(spread, kernels)
        return torch.reshape(spread, [-1, self.width])

    def forward(self, x, mask=None):
        key, value = self.key(x), self.value(x)
        local = self.key_conv_attn_layer(x.transpose(1, 2)).transpose(1, 2)
        asked = self.query(x)
        query, key, value = (self.split(one) for one in (asked, key, value))
        mixed = torch.multiply(local, asked)
        kernels = torch.reshape(self.conv_kernel_layer(mixed), [-1, self.kernel, 1])
        kernels = torch.softmax(kernels, dim=1)
        near = self.convolved(x, kernels)
        scores = torch.matmul(query, key.transpose(-1, -2))
        scores = scores / math.sqrt(self.head_dim)
        if mask is not None:
            scores = scores + mask
        weights = self.dropout(nn.functional.softmax(scores, dim=-1))
        out = torch.matmul(weights, value).permute(0, 2, 1, 3).contiguous()
        near = torch.reshape(near, [x.shape[0], -1, self.heads, self.head_dim])
        out = torch.cat([out, near], 2)
        return out.view(*out.shape[:-2], 2 * self.width), weights


class ConvBertAttention(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.self = ConvBertSelfAttention(config)
        self.output = ResidualOutput(config, config.hidden_size)

    def forward(self, x, mask=None):
        out, weights = self.self(x, mask)
        return self.output(out, x)


class GroupedLinear(nn.Module):
    """A linear layer whose groups of channels do not meet."""

    def __init__(self, size, width, groups):
        super().__init__()
        if size % groups != 0 or width % groups != 0:
            raise ValueError(f"{size} and {width} channels are not multiples of num_groups {groups}")
        self.size, self.width, self.groups = size, width, groups
        self.weight = nn.Parameter(torch.empty(groups, size // groups, width // groups))
        self.bias = nn.Parameter(torch.empty(width))

    def forward(self, x):
        batch = x.shape[0]
        x = torch.reshape(x, [-1, self.groups, self.size // self.groups]).permute(1, 0, 2)
        x = torch.matmul(x, self.weight).permute(1, 0, 2)
        x = torch.reshape(x, [batch, -1, self.width])
        return x + self.bias


def grouped(size, width, groups):
    return nn.Linear(size, width) if groups == 1 else GroupedLinear(size, width, groups)


class ConvBertIntermediate(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.dense = grouped(config.hidden_size, config.intermediate_size, config.num_groups)
        self.intermediate_act_fn = activation(config.hidden_act)

    def forward(self, x):
        return self.intermediate_act_fn(self.dense(x))


class ConvBertOutput(ResidualOutput):
    def __init__(self, config):
        super().__init__(config, config.intermediate_size)
        self.dense = grouped(config.intermediate_size, config.hidden_size, config.num_groups)


class ConvBertLayer(Block):
    def __init__(self, config):
        super().__init__()
        self.attention = ConvBertAttention(config)
        self.intermediate = ConvBertIntermediate(config)
        self.output = ConvBertOutput(config)

    def forward(self, x, mask=None):
        attended = self.attention(x, mask)
        return self.feed(attended)

    def feed(self, x):
        inner = self.intermediate(x)
        return self.output(inner, x)


class ConvBertEncoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.layer = nn.ModuleList([ConvBertLayer(config) for _ in range(config.num_hidden_layers)])

    def forward(self, x, mask=None):
        for layer in self.layer:
            x = layer(x, mask)
        return x


class ConvBertModel(Model):
    def __init__(self, config, pooling=False):
        super().__init__(config)
        self.embeddings = ConvBertEmbeddings(config)
        self.projects = config.embedding_size != config.hidden_size
        if self.projects:
            self.embeddings_project = nn.Linear(config.embedding_size, config.hidden_size)
        self.encoder = ConvBertEncoder(config)

    def forward(self, input_ids=None, attention_mask=None, token_type_ids=None, position_ids=None, inputs_embeds=None, **kwargs):
        if attention_mask is None:
            given = input_ids if inputs_embeds is None else inputs_embeds
            attention_mask = torch.ones(given.shape[:2], device=given.device)
        x = self.embeddings(input_ids, token_type_ids, position_ids, inputs_embeds)
        if self.projects:
            x = self.embeddings_project(x)
        attention_mask = padding_mask(self.config, x, attention_mask)
        return Output(last_hidden_state=self.encoder(x, attention_mask))


class ConvBertForMaskedLM(Headed):
    base, name = ConvBertModel, "convbert"

    def __init__(self, config):
        super().__init__(config)
        self.generator_predictions = ElectraGeneratorPredictions(config)
        self.generator_lm_head = nn.Linear(config.embedding_size, config.vocab_size)
        if config.tie_word_embeddings:
            self.generator_lm_head.weight = self.words()

    def forward(self, input_ids=None, labels=None, **kwargs):
        logits = self.generator_lm_head(self.generator_predictions(self.body(input_ids, **kwargs).last_hidden_state))
        return Output(loss=None if labels is None else plain_loss(logits, labels, self.config.vocab_size), logits=logits)


class ConvBertHead(ClassificationHead):
    def __init__(self, config):
        super().__init__(config)
        self.act = activation(config.hidden_act)

    def forward(self, x):
        return self.out_proj(self.dropout(self.act(self.dense(self.dropout(x[:, 0, :])))))


class ConvBertForSequenceClassification(ForClassOfFirst):
    base, name = ConvBertModel, "convbert"
    head_class = ConvBertHead


class ConvBertForTokenClassification(ForTokens):
    base, name = ConvBertModel, "convbert"


class ConvBertForQuestionAnswering(ForSpans):
    base, name = ConvBertModel, "convbert"
