"""T5: an encoder and a decoder whose attention is shifted by learned distances, with one embedding for all."""
import torch
from torch import nn

from .parts.activations import activation
from .parts.block import Block
from .parts.cache import Cache
from .parts.config import Config
from .parts.heads import Model, PairModel, spans
from .parts.losses import classification_loss, plain_loss
from .parts.masks import decoder_mask, memory_mask as cross_mask, padding_mask
from .parts.output import Output
from .parts.pairs import last_marked, shifted
from .parts.relative import RelativeAttention


class T5Config(Config):
    model_type = "t5"
    attribute_map = {
        "hidden_size": "d_model",
        "num_attention_heads": "num_heads",
        "num_hidden_layers": "num_layers",
        "head_dim": "d_kv",
    }
    defaults = dict(
        vocab_size=32128,
        d_model=512,
        d_kv=64,
        d_ff=2048,
        num_layers=6,
        num_heads=8,
        relative_attention_num_buckets=32,
        relative_attention_max_distance=128,
        dropout_rate=0.1,
        layer_norm_epsilon=1e-6,
        feed_forward_proj="relu",
        is_encoder_decoder=True,
        pad_token_id=0,
        eos_token_id=1,
        classifier_dropout=0.0,
    )
    scaled_outputs = True

    def complete(self, given):
        self.num_decoder_layers = self.num_layers if self.num_decoder_layers is None else self.num_decoder_layers
        self.gated = self.feed_forward_proj.startswith("gated-")
        self.dense_act_fn = self.feed_forward_proj.split("-")[-1]
        if self.feed_forward_proj == "gated-gelu":
            self.dense_act_fn = "gelu_new"
        self.scale_outputs = self.scaled_outputs and given.get("tie_word_embeddings") is not False
        self.tie_word_embeddings = True


class T5LayerNorm(nn.Module):
    def __init__(self, size, eps=1e-6):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.eps = eps

    def forward(self, x):
        variance = x.to(torch.float32).pow(2).mean(-1, keepdim=True)
        x = x * torch.rsqrt(variance + self.eps)
        if self.weight.dtype in (torch.float16, torch.bfloat16):
            x = x.to(self.weight.dtype)
        return self.weight * x


class T5Dense(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.gated = config.gated
        for name in ("wi_0", "wi_1") if self.gated else ("wi",):
            setattr(self, name, nn.Linear(config.d_model, config.d_ff, bias=False))
        self.wo = nn.Linear(config.d_ff, config.d_model, bias=False)
        self.dropout = nn.Dropout(config.dropout_rate)
        self.act = activation(config.dense_act_fn)

    def forward(self, x):
        if self.gated:
            gate = self.act(self.wi_0(x))
            up = self.wi_1(x)
            x = gate * up
        else:
            x = self.wi(x)
            x = self.act(x)
        x = self.dropout(x)
        # Weights of the second product may be kept in another type; autocast leaves them as they are.
        if x.dtype != self.wo.weight.dtype and self.wo.weight.dtype != torch.int8:
            x = x.to(self.wo.weight.dtype)
        return self.wo(x)


class T5LayerFF(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.DenseReluDense = T5Dense(config)
        self.layer_norm = T5LayerNorm(config.d_model, eps=config.layer_norm_epsilon)
        self.dropout = nn.Dropout(config.dropout_rate)

    def forward(self, x):
        inner = self.layer_norm(x)
        inner = self.DenseReluDense(inner)
        return x + self.dropout(inner)


class T5LayerSelfAttention(nn.Module):
    def __init__(self, config, decodes, biased, layer):
        super().__init__()
        self.SelfAttention = RelativeAttention(config, decodes, biased, layer)
        self.layer_norm = T5LayerNorm(config.d_model, eps=config.layer_norm_epsilon)
        self.dropout = nn.Dropout(config.dropout_rate)

    def forward(self, x, mask, bias, cache):
        normed = self.layer_norm(x)
        out, bias, weights = self.SelfAttention(normed, mask, bias=bias, cache=cache)
        out = x + self.dropout(out)
        return out, bias, weights


class T5LayerCrossAttention(nn.Module):
    def __init__(self, config, layer):
        super().__init__()
        self.EncDecAttention = RelativeAttention(config, True, layer=layer, cross=True)
        self.layer_norm = T5LayerNorm(config.d_model, eps=config.layer_norm_epsilon)
        self.dropout = nn.Dropout(config.dropout_rate)

    def forward(self, x, memory, mask, bias, cache):
        normed = self.layer_norm(x)
        out, bias, weights = self.EncDecAttention(normed, mask, memory, bias, cache)
        out = x + self.dropout(out)
        return out, bias, weights


class T5Block(Block):
    positional = 6

    def __init__(self, config, decodes, biased, layer):
        super().__init__()
        self.layer = nn.ModuleList([self.attention(config, decodes, biased, layer)])
        if decodes:
            self.layer.append(T5LayerCrossAttention(config, layer))
        self.layer.append(self.feed_forward(config, decodes, layer))

    def attention(self, config, decodes, biased, layer):
        return T5LayerSelfAttention(config, decodes, biased, layer)

    def feed_forward(self, config, decodes, layer):
        return T5LayerFF(config)

    def forward(self, x, mask, bias, memory, memory_mask, memory_bias, cache):
        x, bias, weights = self.layer[0](x, mask, bias, cache)
        x = self.clamped(x)
        if memory is not None:
            x, memory_bias, weights = self.layer[1](x, memory, memory_mask, memory_bias, cache)
            x = self.clamped(x)
        x = self.layer[-1](x)
        return self.clamped(x), bias, memory_bias

    def clamped(self, x):
        """In float16 what overflowed is brought back into its range."""
        if x.dtype != torch.float16:
            return x
        most = torch.finfo(x.dtype).max
        bound = torch.where(torch.isinf(x).any(), most - 1000, most)
        return torch.clamp(x, min=-bound, max=bound)


class T5Stack(nn.Module):
    """The encoder or the decoder; the first layer's distances serve all where `every` is false."""

    every = False
    block_class = T5Block

    def __init__(self, config, decodes, embedding):
        super().__init__()
        self.config, self.decodes = config, decodes
        self.embed_tokens = nn.Embedding(config.vocab_size, config.d_model)
        self.embed_tokens.weight = embedding.weight
        count = config.num_decoder_layers if decodes else config.num_layers
        self.block = nn.ModuleList([self.block_class(config, decodes, self.every or i == 0, i) for i in range(count)])
        self.final_layer_norm = T5LayerNorm(config.d_model, eps=config.layer_norm_epsilon)
        self.dropout = nn.Dropout(config.dropout_rate)

    def forward(self, input_ids=None, attention_mask=None, memory=None, memory_mask=None, inputs_embeds=None, cache=None):
        if inputs_embeds is None:
            inputs_embeds = self.embed_tokens(input_ids)
        config, x = self.config, inputs_embeds
        mask = self.mask(x, attention_mask, cache)
        memory_mask = cross_mask(config, x, memory_mask, memory)
        bias = memory_bias = None
        x = self.dropout(x)
        for block in self.block:
            x, found, found_memory = block(x, mask, bias, memory, memory_mask, memory_bias, cache)
            if not self.every:
                bias, memory_bias = found, found_memory
        x = self.final_layer_norm(x)
        return self.dropout(x)

    def mask(self, x, padding, cache):
        """What tokens may look at among themselves."""
        return decoder_mask(self.config, x, padding, None, cache) if self.decodes else padding_mask(self.config, x, padding)


class T5Pair(PairModel):
    """Encoder and decoder over one embedding."""

    stack_class = T5Stack

    def __init__(self, config):
        super().__init__(config)
        self.shared = nn.Embedding(config.vocab_size, config.d_model)
        self.encoder = self.stack_class(config, False, self.shared)
        self.decoder = self.stack_class(config, True, self.shared)

    def run(self, input_ids, attention_mask, decoder_input_ids, decoder_attention_mask, use_cache, encoder_outputs=None, past_key_values=None):
        memory = self.encoder(input_ids, attention_mask) if encoder_outputs is None else encoder_outputs[0]
        cache = past_key_values
        if cache is None and self.caches(use_cache):
            cache = Cache()
        hidden = self.decoder(decoder_input_ids, decoder_attention_mask, memory, attention_mask, cache=cache)
        return hidden, memory, cache


class T5Model(T5Pair):
    def forward(self, input_ids=None, attention_mask=None, decoder_input_ids=None, decoder_attention_mask=None, encoder_outputs=None, past_key_values=None, use_cache=None, **kwargs):
        hidden, memory, cache = self.run(input_ids, attention_mask, decoder_input_ids, decoder_attention_mask, use_cache, encoder_outputs, past_key_values)
        return Output(last_hidden_state=hidden, past_key_values=cache, encoder_last_hidden_state=memory)


class T5ForConditionalGeneration(T5Pair):
    def __init__(self, config):
        super().__init__(config)
        self.lm_head = nn.Linear(config.d_model, config.vocab_size, bias=False)
        self.lm_head.weight = self.shared.weight

    def forward(self, input_ids=None, attention_mask=None, decoder_input_ids=None, decoder_attention_mask=None, encoder_outputs=None, past_key_values=None, labels=None, use_cache=None, **kwargs):
        if labels is not None and decoder_input_ids is None:
            decoder_input_ids = shifted(labels, self.config.pad_token_id)
        hidden, memory, cache = self.run(input_ids, attention_mask, decoder_input_ids, decoder_attention_mask, use_cache, encoder_outputs, past_key_values)
        if self.config.scale_outputs:
            hidden = hidden * self.config.d_model**-0.5
        logits = self.lm_head(hidden)
        loss = None if labels is None else plain_loss(logits, labels, self.config.vocab_size)
        return Output(loss=loss, logits=logits, past_key_values=cache, encoder_last_hidden_state=memory)


class T5EncoderModel(Model):
    stack_class = T5Stack

    def __init__(self, config):
        super().__init__(config)
        self.shared = nn.Embedding(config.vocab_size, config.d_model)
        self.encoder = self.stack_class(config, False, self.shared)

    def forward(self, input_ids=None, attention_mask=None, **kwargs):
        return Output(last_hidden_state=self.encoder(input_ids, attention_mask))


class T5ClassificationHead(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.dense = nn.Linear(config.d_model, config.d_model)
        self.dropout = nn.Dropout(config.classifier_dropout)
        self.out_proj = nn.Linear(config.d_model, config.num_labels)

    def forward(self, x):
        return self.out_proj(self.dropout(torch.tanh(self.dense(self.dropout(x)))))


class T5ForSequenceClassification(PairModel):
    base = T5Model

    def __init__(self, config):
        super().__init__(config)
        self.transformer = self.base(config)
        self.classification_head = T5ClassificationHead(config)

    def forward(self, input_ids=None, attention_mask=None, decoder_input_ids=None, labels=None, **kwargs):
        if decoder_input_ids is None:
            decoder_input_ids = shifted(input_ids, self.config.pad_token_id)
        out = self.transformer(input_ids, attention_mask, decoder_input_ids=decoder_input_ids, use_cache=False)
        logits = self.classification_head(last_marked(out.last_hidden_state, input_ids.eq(self.config.eos_token_id)))
        loss = None if labels is None else classification_loss(logits, labels, self.config)
        return Output(loss=loss, logits=logits, encoder_last_hidden_state=out.encoder_last_hidden_state)


class T5ForTokenClassification(Model):
    base = T5EncoderModel

    def __init__(self, config):
        super().__init__(config)
        self.transformer = self.base(config)
        self.dropout = nn.Dropout(config.classifier_dropout)
        self.classifier = nn.Linear(config.d_model, config.num_labels)

    def forward(self, input_ids=None, attention_mask=None, labels=None, **kwargs):
        logits = self.classifier(self.dropout(self.transformer(input_ids, attention_mask).last_hidden_state))
        loss = None if labels is None else plain_loss(logits, labels, self.config.num_labels)
        return Output(loss=loss, logits=logits)


class T5ForQuestionAnswering(T5Pair):
    def __init__(self, config):
        super().__init__(config)
        self.qa_outputs = nn.Linear(config.d_model, config.num_labels)

    def forward(self, input_ids=None, attention_mask=None, decoder_input_ids=None, start_positions=None, end_positions=None, use_cache=None, **kwargs):
        if start_positions is not None and end_positions is not None:
            use_cache = False
        if decoder_input_ids is None:
            decoder_input_ids = shifted(input_ids, self.config.pad_token_id)
        hidden, memory, cache = self.run(input_ids, attention_mask, decoder_input_ids, None, use_cache)
        found = spans(self.qa_outputs(hidden), start_positions, end_positions)
        return Output(**found, past_key_values=cache, encoder_last_hidden_state=memory)
