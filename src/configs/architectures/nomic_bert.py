"""Nomic BERT: an encoder with rotary positions and gated feed-forwards, normalised behind each half."""
import torch
from torch import nn

from .bert import BertConfig
from .parts.activations import activation
from .parts.attention import attend, split_heads
from .parts.block import Block
from .parts.config import head_size
from .parts.decoder import GatedMLP
from .parts.encoder import Embeddings, Pooler
from .parts.encoder_heads import ForClass, ForTokens, ForWords, Predictions
from .parts.heads import Model
from .parts.masks import is_eager, padding_mask
from .parts.output import Output
from .parts.rotary import RotaryEmbedding, rotate


class NomicBertConfig(BertConfig):
    model_type = "nomic_bert"
    rope_theta = 1000.0
    defaults = dict(
        BertConfig.defaults,
        vocab_size=30528,
        hidden_act="silu",
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        max_position_embeddings=2048,
        head_dim=None,
    )


class NomicBertEmbeddings(Embeddings):
    """Words and segments, normalised."""

    def __init__(self, config):
        super().__init__(config)
        del self.position_embeddings

    def forward(self, input_ids=None, token_type_ids=None, inputs_embeds=None):
        x = self.word_embeddings(input_ids) if inputs_embeds is None else inputs_embeds
        if token_type_ids is None:
            token_type_ids = torch.zeros(x.shape[:-1], dtype=torch.long, device=x.device)
        x = x + self.token_type_embeddings(token_type_ids)
        x = self.LayerNorm(x)
        return self.dropout(x)


class NomicBertAttention(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config, self.head_dim = config, head_size(config)
        size, width = config.hidden_size, config.num_attention_heads * self.head_dim
        self.q_proj = nn.Linear(size, width, bias=False)
        self.k_proj = nn.Linear(size, width, bias=False)
        self.v_proj = nn.Linear(size, width, bias=False)
        self.o_proj = nn.Linear(width, size, bias=False)

    def forward(self, x, positions, mask=None):
        query, key, value = (split_heads(proj(x), self.head_dim) for proj in (self.q_proj, self.k_proj, self.v_proj))
        query, key = rotate(query, key, positions)
        dropout = self.config.attention_probs_dropout_prob if self.training else 0.0
        eager = is_eager(self.config)
        out, weights = attend(query, key, value, mask, False, self.head_dim**-0.5, dropout, eager, wide=False)
        out = out.reshape(*x.shape[:-1], -1)
        return self.o_proj(out), weights


class NomicBertLayer(Block):
    def __init__(self, config):
        super().__init__()
        self.post_attention_layernorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.post_attention_dropout = nn.Dropout(config.hidden_dropout_prob)
        self.post_mlp_dropout = nn.Dropout(config.hidden_dropout_prob)
        self.mlp = GatedMLP(config)
        self.self_attn = NomicBertAttention(config)
        self.post_mlp_layernorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)

    def forward(self, x, positions, mask=None):
        before = x
        out, weights = self.self_attn(x, positions, mask)
        x = before + self.post_attention_dropout(out)
        x = self.post_attention_layernorm(x)
        before = x
        x = self.mlp(x)
        x = before + self.post_mlp_dropout(x)
        return self.post_mlp_layernorm(x)


class NomicBertModel(Model):
    def __init__(self, config, pooling=False):
        super().__init__(config)
        self.embeddings = NomicBertEmbeddings(config)
        self.pooler = Pooler(config) if pooling else None
        self.rotary_emb = RotaryEmbedding(config)
        self.layers = nn.ModuleList([NomicBertLayer(config) for _ in range(config.num_hidden_layers)])

    def forward(self, input_ids=None, attention_mask=None, token_type_ids=None, position_ids=None, inputs_embeds=None, **kwargs):
        given = input_ids if inputs_embeds is None else inputs_embeds
        if position_ids is None:
            position_ids = torch.arange(given.shape[1], dtype=torch.long, device=given.device)[None, :]
        embedded = self.embeddings(input_ids, token_type_ids, inputs_embeds)
        mask = padding_mask(self.config, embedded, attention_mask)
        x = embedded
        positions = self.rotary_emb(x, position_ids)
        for layer in self.layers:
            x = layer(x, positions, mask)
        return Output(last_hidden_state=x, pooler_output=None if self.pooler is None else self.pooler(x))


class NomicTransform(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.dense = nn.Linear(config.hidden_size, config.hidden_size)
        self.transform_act_fn = activation(config.hidden_act)
        self.layer_norm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)

    def forward(self, x):
        return self.layer_norm(self.transform_act_fn(self.dense(x)))


class NomicPredictions(Predictions):
    def __init__(self, config):
        super().__init__(config)
        self.transform = NomicTransform(config)


class NomicMaskedHead(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.predictions = NomicPredictions(config)

    def forward(self, x):
        return self.predictions(x)


class NomicBertForMaskedLM(ForWords):
    base, name = NomicBertModel, "nomic_bert"

    def make_head(self, config):
        return NomicMaskedHead(config)


class NomicBertForSequenceClassification(ForClass):
    base, name = NomicBertModel, "nomic_bert"


class NomicBertForTokenClassification(ForTokens):
    base, name = NomicBertModel, "nomic_bert"
