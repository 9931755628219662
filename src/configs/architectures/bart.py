"""BART: an encoder and a decoder with learned positions, normalised behind each half."""
import math

import torch
from torch import nn
from torch.nn import functional as F

from .parts.activations import activation
from .parts.attention import attend, split_heads
from .parts.block import Block
from .parts.cache import Cache, keep, keep_crossed
from .parts.config import Config
from .parts.heads import Model, PairModel, spans
from .parts.losses import classification_loss, plain_loss
from .parts.masks import decoder_mask, is_eager, memory_mask as cross_mask, padding_mask
from .parts.output import Output
from .parts.pairs import last_marked, shifted


class BartConfig(Config):
    model_type = "bart"
    attribute_map = {
        "num_attention_heads": "encoder_attention_heads",
        "hidden_size": "d_model",
        "num_hidden_layers": "encoder_layers",
    }
    #: Norms before each half, and one behind the last layer.
    pre_norm = False
    labels = 3
    defaults = dict(
        vocab_size=50265,
        max_position_embeddings=1024,
        encoder_layers=12,
        encoder_ffn_dim=4096,
        encoder_attention_heads=16,
        decoder_layers=12,
        decoder_ffn_dim=4096,
        decoder_attention_heads=16,
        activation_function="gelu",
        d_model=1024,
        dropout=0.1,
        attention_dropout=0.0,
        activation_dropout=0.0,
        classifier_dropout=0.0,
        scale_embedding=False,
        pad_token_id=1,
        eos_token_id=2,
        decoder_start_token_id=2,
        is_encoder_decoder=True,
    )

    def complete(self, given):
        if not given.get("id2label") and given.get("num_labels") is None:
            self.num_labels = self.labels


class BartAttention(nn.Module):
    def __init__(self, config, heads, layer=0, decodes=False, cross=False, bias=True):
        super().__init__()
        self.config, self.layer, self.decodes, self.cross = config, layer, decodes, cross
        size = config.d_model
        if size % heads != 0:
            raise ValueError(f"d_model {size} is not a multiple of {heads} attention heads")
        self.head_dim = size // heads
        self.k_proj = nn.Linear(size, size, bias=bias)
        self.v_proj = nn.Linear(size, size, bias=bias)
        self.q_proj = nn.Linear(size, size, bias=bias)
        self.out_proj = nn.Linear(size, size, bias=bias)

    def forward(self, x, mask=None, memory=None, cache=None):
        query = split_heads(self.q_proj(x), self.head_dim)
        if self.cross:
            key, value = keep_crossed(lambda: self.sources(memory), cache, self.layer)
        else:
            key, value = self.sources(x if memory is None else memory)
        if self.decodes and not self.cross:
            key, value = keep(key, value, cache, self.layer)
        dropout = self.config.attention_dropout if self.training else 0.0
        causal = self.decodes and not self.cross
        eager = is_eager(self.config)
        out, weights = attend(query, key, value, mask, causal, self.head_dim**-0.5, dropout, eager, wide=False)
        out = out.reshape(*x.shape[:-1], -1)
        out = self.out_proj(out)
        return out, weights

    def sources(self, x):
        return split_heads(self.k_proj(x), self.head_dim), split_heads(self.v_proj(x), self.head_dim)


class BartLayer(Block):
    """A layer of the encoder, or with attention to the encoder's output one of the decoder."""

    attention_class = BartAttention

    def __init__(self, config, layer, decodes):
        super().__init__()
        self.config = config
        size, heads = config.d_model, config.decoder_attention_heads if decodes else config.encoder_attention_heads
        width = config.decoder_ffn_dim if decodes else config.encoder_ffn_dim
        self.self_attn = self.attention_class(config, heads, layer, decodes)
        self.self_attn_layer_norm = nn.LayerNorm(size)
        if decodes:
            self.encoder_attn = self.attention_class(config, heads, layer, decodes, cross=True)
            self.encoder_attn_layer_norm = nn.LayerNorm(size)
        self.activation_fn = activation(config.activation_function)
        self.fc1 = nn.Linear(size, width)
        self.fc2 = nn.Linear(width, size)
        self.final_layer_norm = nn.LayerNorm(size)

    def around(self, x, norm, half):
        """One half with its norm, dropout and residual."""
        before = x
        if self.config.pre_norm:
            x = norm(x)
        x = half(x)
        x = F.dropout(x, p=self.config.dropout, training=self.training)
        x = before + x
        return x if self.config.pre_norm else norm(x)

    def feed_forward(self, x):
        x = self.activation_fn(self.fc1(x))
        x = F.dropout(x, p=self.config.activation_dropout, training=self.training)
        return self.fc2(x)

    def forward(self, x, mask=None, memory=None, memory_mask=None, cache=None):
        x = self.around(x, self.self_attn_layer_norm, lambda h: self.self_attn(h, mask, cache=cache)[0])
        if memory is not None:
            x = self.around(x, self.encoder_attn_layer_norm, lambda h: self.encoder_attn(h, memory_mask, memory, cache)[0])
        return self.around(x, self.final_layer_norm, self.feed_forward)


class BartPositions(nn.Embedding):
    """Learned positions; the first two rows are never used."""

    def __init__(self, count, size):
        super().__init__(count + 2, size)

    def forward(self, x, past=0):
        places = torch.arange(past, past + x.shape[1], dtype=torch.long, device=x.device).expand(x.shape[0], -1)
        return super().forward(places + 2)


class SinePositions(nn.Embedding):
    """Sines and cosines, kept as a weight that is not trained."""

    def __init__(self, count, size):
        super().__init__(count, size)
        self.weight.requires_grad = False

    def forward(self, x, past=0):
        return super().forward(torch.arange(past, past + x.shape[1], dtype=torch.long, device=x.device))


class BartStack(nn.Module):
    """The encoder or the decoder."""

    positions_class = BartPositions
    normed_embedding = True

    def __init__(self, config, decodes, embedding):
        super().__init__()
        self.config, self.decodes = config, decodes
        size = config.d_model
        self.scale = math.sqrt(size) if config.scale_embedding else 1.0
        self.embed_tokens = nn.Embedding(embedding.num_embeddings, size, config.pad_token_id)
        self.embed_tokens.weight = embedding.weight
        self.embed_positions = self.positions_class(config.max_position_embeddings, size)
        count = config.decoder_layers if decodes else config.encoder_layers
        self.layers = nn.ModuleList([BartLayer(config, i, decodes) for i in range(count)])
        if self.normed_embedding:
            self.layernorm_embedding = nn.LayerNorm(size)
        if config.pre_norm:
            self.layer_norm = nn.LayerNorm(size)

    def place(self, input_ids, x, past):
        return self.embed_positions(x, past)

    def forward(self, input_ids=None, attention_mask=None, memory=None, memory_mask=None, inputs_embeds=None, cache=None):
        if inputs_embeds is None:
            inputs_embeds = self.embed_tokens(input_ids) * self.scale
        config, x = self.config, inputs_embeds
        past = 0 if cache is None else cache.length()
        mask = decoder_mask(config, x, attention_mask, None, cache) if self.decodes else padding_mask(config, x, attention_mask)
        memory_mask = cross_mask(config, x, memory_mask, memory)
        place = self.place(input_ids, x, past)
        x = inputs_embeds + place
        if self.normed_embedding:
            x = self.layernorm_embedding(x)
        x = F.dropout(x, p=self.config.dropout, training=self.training)
        for layer in self.layers:
            x = layer(x, mask, memory, memory_mask, cache)
        return self.layer_norm(x) if self.config.pre_norm else x


class BartModel(PairModel):
    stack_class = BartStack

    def __init__(self, config):
        super().__init__(config)
        self.shared = nn.Embedding(config.vocab_size, config.d_model, config.pad_token_id)
        self.encoder = self.stack_class(config, False, self.shared)
        self.decoder = self.stack_class(config, True, self.shared)

    def forward(self, input_ids=None, attention_mask=None, decoder_input_ids=None, decoder_attention_mask=None, encoder_outputs=None, past_key_values=None, use_cache=None, **kwargs):
        if decoder_input_ids is None:
            decoder_input_ids = shifted(input_ids, self.config.decoder_start_token_id or self.config.pad_token_id)
        cache = past_key_values
        if cache is None and self.caches(use_cache):
            cache = Cache()
        memory = self.encoder(input_ids, attention_mask) if encoder_outputs is None else encoder_outputs[0]
        hidden = self.decoder(decoder_input_ids, decoder_attention_mask, memory, attention_mask, cache=cache)
        return Output(last_hidden_state=hidden, past_key_values=cache, encoder_last_hidden_state=memory)


class BartForConditionalGeneration(PairModel):
    base = BartModel

    def __init__(self, config):
        super().__init__(config)
        self.model = self.base(config)
        self.register_buffer("final_logits_bias", torch.zeros((1, config.vocab_size)))
        self.lm_head = nn.Linear(config.d_model, config.vocab_size, bias=False)
        if config.tie_word_embeddings:
            self.lm_head.weight = self.model.shared.weight

    def forward(self, input_ids=None, attention_mask=None, decoder_input_ids=None, labels=None, use_cache=None, **kwargs):
        if labels is not None:
            use_cache = False
            if decoder_input_ids is None:
                decoder_input_ids = shifted(labels, self.config.decoder_start_token_id or self.config.pad_token_id)
        out = self.model(input_ids, attention_mask, decoder_input_ids=decoder_input_ids, use_cache=use_cache, **kwargs)
        logits = self.lm_head(out.last_hidden_state) + self.final_logits_bias
        loss = None if labels is None else plain_loss(logits, labels, self.config.vocab_size)
        return Output(loss=loss, logits=logits, past_key_values=out.past_key_values, encoder_last_hidden_state=out.encoder_last_hidden_state)


class BartClassificationHead(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.dense = nn.Linear(config.d_model, config.d_model)
        self.dropout = nn.Dropout(config.classifier_dropout)
        self.out_proj = nn.Linear(config.d_model, config.num_labels)

    def forward(self, x):
        return self.out_proj(self.dropout(torch.tanh(self.dense(self.dropout(x)))))


class BartForSequenceClassification(PairModel):
    base = BartModel

    def __init__(self, config):
        super().__init__(config)
        self.model = self.base(config)
        self.classification_head = BartClassificationHead(config)

    def forward(self, input_ids=None, attention_mask=None, decoder_input_ids=None, labels=None, **kwargs):
        use_cache = False if labels is not None else kwargs.pop("use_cache", None)
        out = self.model(input_ids, attention_mask, decoder_input_ids=decoder_input_ids, use_cache=use_cache)
        logits = self.classification_head(last_marked(out.last_hidden_state, input_ids.eq(self.config.eos_token_id)))
        loss = None if labels is None else classification_loss(logits, labels, self.config)
        return Output(loss=loss, logits=logits, past_key_values=out.past_key_values, encoder_last_hidden_state=out.encoder_last_hidden_state)


class BartForQuestionAnswering(PairModel):
    base = BartModel

    def __init__(self, config):
        config.num_labels = 2
        super().__init__(config)
        self.model = self.base(config)
        self.qa_outputs = nn.Linear(config.d_model, 2)

    def forward(self, input_ids=None, attention_mask=None, start_positions=None, end_positions=None, use_cache=None, **kwargs):
        if start_positions is not None and end_positions is not None:
            use_cache = False
        out = self.model(input_ids, attention_mask, use_cache=use_cache, **kwargs)
        found = spans(self.qa_outputs(out.last_hidden_state), start_positions, end_positions)
        return Output(**found, past_key_values=out.past_key_values, encoder_last_hidden_state=out.encoder_last_hidden_state)


class DecoderOnly(nn.Module):
    def __init__(self, config, stack):
        super().__init__()
        self.decoder = stack(config, True, nn.Embedding(config.vocab_size, config.d_model, config.pad_token_id))

    def forward(self, *args, **kwargs):
        return self.decoder(*args, **kwargs)


class BartForCausalLM(Model):
    stack_class = BartStack

    def __init__(self, config):
        super().__init__(config)
        self.model = DecoderOnly(config, self.stack_class)
        self.lm_head = nn.Linear(config.d_model, config.vocab_size, bias=False)
        if config.tie_word_embeddings:
            self.lm_head.weight = self.model.decoder.embed_tokens.weight

    def forward(self, input_ids=None, attention_mask=None, encoder_hidden_states=None, encoder_attention_mask=None, labels=None, use_cache=None, **kwargs):
        use_cache = self.config.use_cache if use_cache is None else use_cache
        cache = Cache() if use_cache else None
        hidden = self.model.decoder(input_ids, attention_mask, encoder_hidden_states, encoder_attention_mask, cache=cache)
        logits = self.lm_head(hidden)
        loss = None if labels is None else plain_loss(logits, labels, self.config.vocab_size)
        return Output(loss=loss, logits=logits, past_key_values=cache)
