"""BigBird-Pegasus: BigBird's attention in the encoder, and Pegasus' decoder."""
import math

import torch
from torch import nn
from torch.nn import functional as F

from .bart import BartAttention, BartConfig, BartForCausalLM, BartForConditionalGeneration, BartForQuestionAnswering
from .bart import BartForSequenceClassification, BartLayer, BartModel
from .parts.block_sparse import BlockMasks, BlockSparseAttention, checked, sees_all
from .parts.masks import decoder_mask, memory_mask as cross_mask, padding_mask


class BigBirdPegasusConfig(BartConfig):
    model_type = "bigbird_pegasus"
    attribute_map = dict(BartConfig.attribute_map, attention_probs_dropout_prob="attention_dropout")
    eager_only = True
    pre_norm = True
    labels = 2
    defaults = dict(
        BartConfig.defaults,
        vocab_size=96103,
        max_position_embeddings=4096,
        encoder_layers=16,
        decoder_layers=16,
        activation_function="gelu_new",
        scale_embedding=True,
        pad_token_id=0,
        eos_token_id=1,
        attention_type="block_sparse",
        block_size=64,
        num_random_blocks=3,
        use_bias=False,
    )

    def complete(self, given):
        super().complete(given)
        checked(self)


class ScaledWords(nn.Embedding):
    def __init__(self, config):
        super().__init__(config.vocab_size, config.d_model, config.pad_token_id)
        self.scale = math.sqrt(config.d_model) if config.scale_embedding else 1.0

    def forward(self, input_ids):
        return super().forward(input_ids) * self.scale


class WideSparseAttention(BlockSparseAttention):
    narrows = False


class BigBirdPegasusEncoderAttention(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.self = WideSparseAttention(config)
        self.output = nn.Linear(config.d_model, config.d_model, bias=config.use_bias)

    def forward(self, x, mask=None, masks=None):
        out, weights = self.self(x, mask, masks)
        return self.output(out), weights


class BigBirdPegasusAttention(BartAttention):
    def __init__(self, config, heads, layer=0, decodes=False, cross=False):
        super().__init__(config, heads, layer, decodes, cross, bias=config.use_bias)


class BigBirdPegasusDecoderLayer(BartLayer):
    attention_class = BigBirdPegasusAttention
    positional = 3


class BigBirdPegasusEncoderLayer(BartLayer):
    positional = 2

    def __init__(self, config, layer):
        super().__init__(config, layer, False)
        self.self_attn = BigBirdPegasusEncoderAttention(config)

    def feed_forward(self, x):
        return self.fc2(self.activation_fn(self.fc1(x)))

    def forward(self, x, mask=None, masks=None):
        before = x
        x = self.self_attn_layer_norm(x)
        x, weights = self.self_attn(x, mask, masks)
        x = F.dropout(x, p=self.config.dropout, training=self.training)
        x = before + x
        return self.around(x, self.final_layer_norm, self.feed_forward)


class BigBirdPegasusStack(nn.Module):
    """The encoder or the decoder; an encoder that does not attend to all of a text pads it to whole blocks."""

    def __init__(self, config, decodes, embedding):
        super().__init__()
        self.config, self.decodes = config, decodes
        self.embed_tokens = ScaledWords(config)
        self.embed_tokens.weight = embedding.weight
        self.embed_positions = nn.Embedding(config.max_position_embeddings, config.d_model)
        if decodes:
            layers = [BigBirdPegasusDecoderLayer(config, i, True) for i in range(config.decoder_layers)]
        else:
            layers = [BigBirdPegasusEncoderLayer(config, i) for i in range(config.encoder_layers)]
        self.layers = nn.ModuleList(layers)
        self.layernorm_embedding = nn.LayerNorm(config.d_model)

    def placed(self, embedded, past=0):
        places = torch.arange(past, past + embedded.shape[1], dtype=torch.long, device=embedded.device)
        x = embedded + self.embed_positions(places)
        return F.dropout(x, p=self.config.dropout, training=self.training)

    def forward(self, input_ids=None, attention_mask=None, memory=None, memory_mask=None, inputs_embeds=None, cache=None):
        embedded = self.embed_tokens(input_ids) if inputs_embeds is None else inputs_embeds
        if self.decodes:
            return self.decode(embedded, attention_mask, memory, memory_mask, cache)
        return self.encode(embedded, attention_mask)

    def encode(self, embedded, padding):
        config, (batch, length) = self.config, embedded.shape[:2]
        x = self.placed(embedded)
        whole = sees_all(config, length)
        missing = 0 if whole else -length % config.block_size
        if padding is None and not whole:
            padding = torch.ones((batch, length), device=x.device)
        padding = None if padding is None else padding.long()
        if missing > 0:
            more = torch.ones((batch, missing), dtype=torch.long, device=x.device) * config.pad_token_id
            x = torch.cat([x, self.embed_tokens(more)], dim=-2)
            padding = F.pad(padding, (0, missing), value=0)
        mask = padding_mask(config, embedded, padding) if whole else None
        masks = None if whole else BlockMasks(padding, config.block_size)
        for layer in self.layers:
            x = layer(x, mask, masks)
        x = self.layernorm_embedding(x)
        return x[:, :-missing] if missing > 0 else x

    def decode(self, embedded, padding, memory, memory_mask, cache):
        past = 0 if cache is None else cache.length()
        if padding is None:
            padding = torch.ones(embedded.shape[0], past + embedded.shape[1], device=embedded.device)
        mask = decoder_mask(self.config, embedded, padding, None, cache)
        memory_mask = cross_mask(self.config, embedded, memory_mask, memory)
        x = self.placed(embedded, past)
        for layer in self.layers:
            x = layer(x, mask, memory, memory_mask, cache)
        return self.layernorm_embedding(x)


class BigBirdPegasusModel(BartModel):
    stack_class = BigBirdPegasusStack


class BigBirdPegasusForConditionalGeneration(BartForConditionalGeneration):
    base = BigBirdPegasusModel


class BigBirdPegasusForSequenceClassification(BartForSequenceClassification):
    base = BigBirdPegasusModel


class BigBirdPegasusForQuestionAnswering(BartForQuestionAnswering):
    base = BigBirdPegasusModel


class BigBirdPegasusForCausalLM(BartForCausalLM):
    """A decoder whose output layer has weights of its own."""

    stack_class = BigBirdPegasusStack

    def __init__(self, config):
        super().__init__(config)
        self.lm_head = nn.Linear(config.d_model, config.vocab_size, bias=False)
