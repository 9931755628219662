"""BioGPT: a decoder with learned positions and BART's layers, normalised before each half."""
import math

import torch
from torch import nn
from torch.nn import functional as F

from .bart import BartAttention
from .parts.activations import activation
from .parts.block import Block
from .parts.cache import Cache
from .parts.config import Config
from .parts.heads import Model, SequenceHead
from .parts.losses import causal_loss, plain_loss
from .parts.masks import decoder_mask
from .parts.output import Output


class BioGptConfig(Config):
    model_type = "biogpt"
    attribute_map = {"d_model": "hidden_size", "attention_dropout": "attention_probs_dropout_prob"}
    defaults = dict(
        vocab_size=42384,
        hidden_size=1024,
        num_hidden_layers=24,
        num_attention_heads=16,
        intermediate_size=4096,
        hidden_act="gelu",
        hidden_dropout_prob=0.1,
        attention_probs_dropout_prob=0.1,
        max_position_embeddings=1024,
        scale_embedding=True,
        activation_dropout=0.0,
        pad_token_id=1,
        eos_token_id=2,
    )


class ScaledEmbedding(nn.Embedding):
    def __init__(self, count, size, padding, scale):
        super().__init__(count, size, padding)
        self.scale = scale

    def forward(self, ids):
        return super().forward(ids) * self.scale


class SparePositions(nn.Embedding):
    """Learned positions; the first two rows are never used."""

    def __init__(self, count, size):
        super().__init__(count + 2, size)

    def forward(self, position_ids):
        return super().forward(position_ids + 2)


class BioGptLayer(Block):
    def __init__(self, config, layer):
        super().__init__()
        self.config = config
        size = config.hidden_size
        self.self_attn = BartAttention(config, config.num_attention_heads, layer, decodes=True)
        self.activation_fn = activation(config.hidden_act)
        self.self_attn_layer_norm = nn.LayerNorm(size)
        self.fc1 = nn.Linear(size, config.intermediate_size)
        self.fc2 = nn.Linear(config.intermediate_size, size)
        self.final_layer_norm = nn.LayerNorm(size)

    def forward(self, x, mask=None, cache=None):
        dropout = self.config.hidden_dropout_prob
        before = x
        x = self.self_attn_layer_norm(x)
        x, weights = self.self_attn(x, mask, cache=cache)
        x = F.dropout(x, p=dropout, training=self.training)
        x = before + x
        before = x
        x = self.final_layer_norm(x)
        x = self.fc1(x)
        x = self.activation_fn(x)
        x = F.dropout(x, p=self.config.activation_dropout, training=self.training)
        x = self.fc2(x)
        x = F.dropout(x, p=dropout, training=self.training)
        return before + x


class BioGptModel(Model):
    embed_name = "embed_tokens"

    def __init__(self, config):
        super().__init__(config)
        size = config.hidden_size
        scale = math.sqrt(size) if config.scale_embedding else 1.0
        self.embed_tokens = ScaledEmbedding(config.vocab_size, size, config.pad_token_id, scale)
        self.embed_positions = SparePositions(config.max_position_embeddings, size)
        self.layers = nn.ModuleList([BioGptLayer(config, i) for i in range(config.num_hidden_layers)])
        self.layer_norm = nn.LayerNorm(size)

    def forward(self, input_ids=None, attention_mask=None, inputs_embeds=None, past_key_values=None, use_cache=None, position_ids=None, **kwargs):
        if inputs_embeds is None:
            inputs_embeds = self.embed_tokens(input_ids)
        if past_key_values is None and self.caches(use_cache):
            past_key_values = Cache()
        batch, length = inputs_embeds.shape[:2]
        past = 0 if past_key_values is None else past_key_values.length()
        if attention_mask is None:
            attention_mask = torch.ones(batch, past + length, device=inputs_embeds.device)
        mask = decoder_mask(self.config, inputs_embeds, attention_mask, None, past_key_values)
        if position_ids is None:
            position_ids = torch.arange(length, device=inputs_embeds.device) + past
            position_ids = position_ids.unsqueeze(0)
        places = self.embed_positions(position_ids)
        x = inputs_embeds + places
        x = F.dropout(x, p=self.config.hidden_dropout_prob, training=self.training)
        for layer in self.layers:
            x = layer(x, mask, past_key_values)
        return Output(last_hidden_state=self.layer_norm(x), past_key_values=past_key_values)


class BioGptForCausalLM(Model):
    def __init__(self, config):
        super().__init__(config)
        self.biogpt = BioGptModel(config)
        self.output_projection = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        if config.tie_word_embeddings:
            self.output_projection.weight = self.biogpt.embed_tokens.weight

    def forward(self, input_ids=None, labels=None, logits_to_keep=0, **kwargs):
        out = self.biogpt(input_ids, **kwargs)
        logits = self.output_projection(out.last_hidden_state[:, -logits_to_keep:, :])
        loss = None if labels is None else causal_loss(logits, labels, self.config.vocab_size)
        return Output(loss=loss, logits=logits, past_key_values=out.past_key_values)


class BioGptForTokenClassification(Model):
    def __init__(self, config):
        super().__init__(config)
        self.biogpt = BioGptModel(config)
        dropout = config.hidden_dropout_prob if config.classifier_dropout is None else config.classifier_dropout
        self.dropout = nn.Dropout(dropout)
        self.classifier = nn.Linear(config.hidden_size, config.num_labels)

    def forward(self, input_ids=None, labels=None, **kwargs):
        logits = self.classifier(self.dropout(self.biogpt(input_ids, **kwargs).last_hidden_state))
        loss = None if labels is None else plain_loss(logits, labels, self.config.num_labels)
        return Output(loss=loss, logits=logits)


class BioGptForSequenceClassification(SequenceHead):
    base, name = BioGptModel, "biogpt"
