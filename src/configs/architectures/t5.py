"""T5: an encoder and a decoder whose attention is shifted by learned distances, with one embedding for all."""
import torch
from torch import nn

from .parts.activations import activation
from .parts.attention import decoder_mask, padding_mask
from .parts.cache import Cache
from .parts.config import Config
from .parts.heads import Model, PairModel, spans
from .parts.losses import classification_loss, token_loss
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
        x = self.act(self.wi_0(x)) * self.wi_1(x) if self.gated else self.act(self.wi(x))
        return self.wo(self.dropout(x))


class T5LayerFF(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.DenseReluDense = T5Dense(config)
        self.layer_norm = T5LayerNorm(config.d_model, eps=config.layer_norm_epsilon)
        self.dropout = nn.Dropout(config.dropout_rate)

    def forward(self, x):
        return x + self.dropout(self.DenseReluDense(self.layer_norm(x)))


class T5LayerSelfAttention(nn.Module):
    def __init__(self, config, decodes, biased, layer):
        super().__init__()
        self.SelfAttention = RelativeAttention(config, decodes, biased, layer)
        self.layer_norm = T5LayerNorm(config.d_model, eps=config.layer_norm_epsilon)
        self.dropout = nn.Dropout(config.dropout_rate)

    def forward(self, x, mask, bias, cache):
        out, bias = self.SelfAttention(self.layer_norm(x), mask, bias=bias, cache=cache)
        return x + self.dropout(out), bias


class T5LayerCrossAttention(nn.Module):
    def __init__(self, config, layer):
        super().__init__()
        self.EncDecAttention = RelativeAttention(config, True, layer=layer, cross=True)
        self.layer_norm = T5LayerNorm(config.d_model, eps=config.layer_norm_epsilon)
        self.dropout = nn.Dropout(config.dropout_rate)

    def forward(self, x, memory, mask, bias):
        out, bias = self.EncDecAttention(self.layer_norm(x), mask, memory, bias)
        return x + self.dropout(out), bias


class T5Block(nn.Module):
    def __init__(self, config, decodes, biased, layer):
        super().__init__()
        self.layer = nn.ModuleList([T5LayerSelfAttention(config, decodes, biased, layer)])
        if decodes:
            self.layer.append(T5LayerCrossAttention(config, layer))
        self.layer.append(T5LayerFF(config))

    def forward(self, x, mask, bias, memory, memory_mask, memory_bias, cache):
        x, bias = self.layer[0](x, mask, bias, cache)
        if memory is not None:
            x, memory_bias = self.layer[1](x, memory, memory_mask, memory_bias)
        return self.layer[-1](x), bias, memory_bias


class T5Stack(nn.Module):
    """The encoder or the decoder; the first layer's distances serve all where `every` is false."""

    every = False

    def __init__(self, config, decodes, embedding):
        super().__init__()
        self.config, self.decodes = config, decodes
        self.embed_tokens = nn.Embedding(config.vocab_size, config.d_model)
        self.embed_tokens.weight = embedding.weight
        count = config.num_decoder_layers if decodes else config.num_layers
        self.block = nn.ModuleList([T5Block(config, decodes, self.every or i == 0, i) for i in range(count)])
        self.final_layer_norm = T5LayerNorm(config.d_model, eps=config.layer_norm_epsilon)
        self.dropout = nn.Dropout(config.dropout_rate)

    def forward(self, input_ids=None, attention_mask=None, memory=None, memory_mask=None, inputs_embeds=None, cache=None):
        x = self.embed_tokens(input_ids) if inputs_embeds is None else inputs_embeds
        past = 0 if cache is None else cache.length()
        mask = decoder_mask(x, attention_mask, None, past) if self.decodes else padding_mask(x, attention_mask)
        memory_mask = padding_mask(x, memory_mask)
        bias = memory_bias = None
        x = self.dropout(x)
        for block in self.block:
            x, found, found_memory = block(x, mask, bias, memory, memory_mask, memory_bias, cache)
            if not self.every:
                bias, memory_bias = found, found_memory
        return self.dropout(self.final_layer_norm(x))


class T5Pair(PairModel):
    """Encoder and decoder over one embedding."""

    stack_class = T5Stack

    def __init__(self, config):
        super().__init__(config)
        self.shared = nn.Embedding(config.vocab_size, config.d_model)
        self.encoder = self.stack_class(config, False, self.shared)
        self.decoder = self.stack_class(config, True, self.shared)

    def run(self, input_ids, attention_mask, decoder_input_ids, decoder_attention_mask, use_cache, inputs_embeds=None):
        memory = self.encoder(input_ids, attention_mask, inputs_embeds=inputs_embeds)
        use_cache = self.config.use_cache if use_cache is None else use_cache
        cache = Cache() if use_cache else None
        hidden = self.decoder(decoder_input_ids, decoder_attention_mask, memory, attention_mask, cache=cache)
        return hidden, memory, cache


class T5Model(T5Pair):
    def forward(self, input_ids=None, attention_mask=None, decoder_input_ids=None, decoder_attention_mask=None, use_cache=None, **kwargs):
        hidden, memory, cache = self.run(input_ids, attention_mask, decoder_input_ids, decoder_attention_mask, use_cache)
        return Output(last_hidden_state=hidden, past_key_values=cache, encoder_last_hidden_state=memory)


class T5ForConditionalGeneration(T5Pair):
    def __init__(self, config):
        super().__init__(config)
        self.lm_head = nn.Linear(config.d_model, config.vocab_size, bias=False)
        self.lm_head.weight = self.shared.weight

    def forward(self, input_ids=None, attention_mask=None, decoder_input_ids=None, decoder_attention_mask=None, labels=None, use_cache=None, **kwargs):
        if labels is not None and decoder_input_ids is None:
            decoder_input_ids = shifted(labels, self.config.pad_token_id)
        hidden, memory, cache = self.run(input_ids, attention_mask, decoder_input_ids, decoder_attention_mask, use_cache)
        if self.config.scale_outputs:
            hidden = hidden * self.config.d_model**-0.5
        logits = self.lm_head(hidden)
        loss = None if labels is None else token_loss(logits, labels, self.config.vocab_size)
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
        loss = None if labels is None else token_loss(logits, labels, self.config.num_labels)
        return Output(loss=loss, logits=logits)


class T5ForQuestionAnswering(T5Pair):
    def __init__(self, config):
        super().__init__(config)
        self.qa_outputs = nn.Linear(config.d_model, config.num_labels)

    def forward(self, input_ids=None, attention_mask=None, decoder_input_ids=None, start_positions=None, end_positions=None, **kwargs):
        if decoder_input_ids is None:
            decoder_input_ids = shifted(input_ids, self.config.pad_token_id)
        hidden, _, _ = self.run(input_ids, attention_mask, decoder_input_ids, None, False)
        return spans(self.qa_outputs(hidden), start_positions, end_positions)
