"""LED: Longformer's encoder over long texts, and BART's decoder."""
import torch
from torch import nn
from torch.nn import functional as F

from .parts.activations import activation
from .parts.attention import split_heads
from .parts.block import Block
from .parts.cache import Cache, keep, keep_crossed
from .parts.config import Config
from .parts.heads import PairModel, spans
from .parts.losses import plain_loss
from .parts.masks import decoder_mask, memory_mask as cross_mask
from .parts.output import Output
from .parts.pairs import shifted
from .parts.sliding import SlidingAttention, marked, windows_of


class LEDConfig(Config):
    model_type = "led"
    attribute_map = {
        "num_attention_heads": "encoder_attention_heads",
        "hidden_size": "d_model",
        "attention_probs_dropout_prob": "attention_dropout",
        "num_hidden_layers": "encoder_layers",
    }
    eager_only = True
    defaults = dict(
        vocab_size=50265,
        max_encoder_position_embeddings=16384,
        max_decoder_position_embeddings=1024,
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
        pad_token_id=1,
        eos_token_id=2,
        decoder_start_token_id=2,
        is_encoder_decoder=True,
        attention_window=512,
    )

    def complete(self, given):
        self.attention_window = windows_of(self)


class LEDPositions(nn.Embedding):
    """Learned positions `[T, d_model]`."""

    def forward(self, length, past=0):
        return super().forward(torch.arange(past, past + length, dtype=torch.long, device=self.weight.device))


class LEDEncoderAttention(nn.Module):
    def __init__(self, config, layer):
        super().__init__()
        self.longformer_self_attn = SlidingAttention(config, config.attention_window[layer])
        self.output = nn.Linear(config.d_model, config.d_model)

    def forward(self, x, mask, hidden, marks):
        return self.output(self.longformer_self_attn(x, mask, hidden, marks))


class LEDDecoderAttention(nn.Module):
    def __init__(self, config, layer, cross=False):
        super().__init__()
        self.config, self.layer, self.cross = config, layer, cross
        size, self.heads = config.d_model, config.decoder_attention_heads
        if size % self.heads != 0:
            raise ValueError(f"d_model {size} is not a multiple of decoder_attention_heads {self.heads}")
        self.head_dim = size // self.heads
        self.k_proj = nn.Linear(size, size)
        self.v_proj = nn.Linear(size, size)
        self.q_proj = nn.Linear(size, size)
        self.out_proj = nn.Linear(size, size)

    def sources(self, x):
        key = self.k_proj(x)
        value = self.v_proj(x)
        return split_heads(key, self.head_dim), split_heads(value, self.head_dim)

    def forward(self, x, mask=None, memory=None, cache=None):
        batch, length, size = x.shape
        query = self.q_proj(x) * self.head_dim**-0.5
        if self.cross:
            key, value = keep_crossed(lambda: self.sources(memory), cache, self.layer)
        else:
            key, value = keep(*self.sources(x), cache, self.layer)
        flat = (batch * self.heads, -1, self.head_dim)
        query = split_heads(query, self.head_dim)
        query = query.reshape(*flat)
        key = key.reshape(*flat)
        value = value.reshape(*flat)
        weights = torch.bmm(query, key.transpose(1, 2))
        if mask is not None:
            weights = weights.view(batch, self.heads, length, key.size(1)) + mask
            weights = weights.view(batch * self.heads, length, key.size(1))
        weights = F.softmax(weights, dim=-1)
        dropped = F.dropout(weights, p=self.config.attention_dropout, training=self.training)
        out = torch.bmm(dropped, value)
        out = out.view(batch, self.heads, length, self.head_dim).transpose(1, 2).reshape(batch, length, size)
        return self.out_proj(out)


class LEDLayer(Block):
    """What layers of the encoder and of the decoder share: a feed-forward, and norms behind each half."""

    def __init__(self, config, width):
        super().__init__()
        self.config = config
        self.self_attn_layer_norm = nn.LayerNorm(config.d_model)
        self.activation_fn = activation(config.activation_function)
        self.fc1 = nn.Linear(config.d_model, width)
        self.fc2 = nn.Linear(width, config.d_model)
        self.final_layer_norm = nn.LayerNorm(config.d_model)

    def beside(self, x, out, norm):
        out = F.dropout(out, p=self.config.dropout, training=self.training)
        out = x + out
        return norm(out)

    def feed_forward(self, x):
        inner = self.activation_fn(self.fc1(x))
        inner = F.dropout(inner, p=self.config.activation_dropout, training=self.training)
        return self.beside(x, self.fc2(inner), self.final_layer_norm)


class LEDEncoderLayer(LEDLayer):
    def __init__(self, config, layer):
        super().__init__(config, config.encoder_ffn_dim)
        self.self_attn = LEDEncoderAttention(config, layer)

    def forward(self, x, mask, hidden, marks):
        x = self.beside(x, self.self_attn(x, mask, hidden, marks), self.self_attn_layer_norm)
        return self.feed_forward(x)


class LEDDecoderLayer(LEDLayer):
    positional = 3

    def __init__(self, config, layer):
        super().__init__(config, config.decoder_ffn_dim)
        self.self_attn = LEDDecoderAttention(config, layer)
        self.encoder_attn = LEDDecoderAttention(config, layer, cross=True)
        self.encoder_attn_layer_norm = nn.LayerNorm(config.d_model)

    def forward(self, x, mask=None, memory=None, memory_mask=None, cache=None):
        x = self.beside(x, self.self_attn(x, mask, cache=cache), self.self_attn_layer_norm)
        if memory is not None:
            crossed = self.encoder_attn(x, memory_mask, memory, cache)
            x = self.beside(x, crossed, self.encoder_attn_layer_norm)
        return self.feed_forward(x)


class LEDStack(nn.Module):
    """The encoder or the decoder."""

    def __init__(self, config, layers, places, embedding):
        super().__init__()
        self.config = config
        self.embed_tokens = nn.Embedding(config.vocab_size, config.d_model, config.pad_token_id)
        self.embed_tokens.weight = embedding.weight
        self.embed_positions = LEDPositions(places, config.d_model)
        self.layers = nn.ModuleList(layers)
        self.layernorm_embedding = nn.LayerNorm(config.d_model)

    def placed(self, embedded, past=0):
        x = embedded + self.embed_positions(embedded.shape[1], past)
        x = self.layernorm_embedding(x)
        return F.dropout(x, p=self.config.dropout, training=self.training)


class LEDEncoder(LEDStack):
    """A text is padded to a whole number of windows."""

    def __init__(self, config, embedding):
        layers = [LEDEncoderLayer(config, i) for i in range(config.encoder_layers)]
        super().__init__(config, layers, config.max_encoder_position_embeddings, embedding)

    def mask(self, padding, dtype):
        """The lowest number where the text is padding, `[B, T]`."""
        batch, length = padding.shape
        seen = padding[:, None, None, :].expand(batch, 1, length, length).to(dtype)
        hidden = 1.0 - seen
        mask = hidden.masked_fill(hidden.bool(), torch.finfo(dtype).min)
        mask = mask * hidden
        return mask[:, 0, 0, :]

    def forward(self, input_ids=None, attention_mask=None, global_attention_mask=None, inputs_embeds=None):
        x = self.embed_tokens(input_ids) if inputs_embeds is None else inputs_embeds
        if attention_mask is None:
            attention_mask = torch.ones(x.shape[:2], device=x.device, dtype=torch.long)
        if global_attention_mask is not None:
            attention_mask = attention_mask * (global_attention_mask + 1)
        window = max(self.config.attention_window)
        missing = (window - x.shape[1] % window) % window
        if missing > 0:
            more = x.new_full((x.shape[0], missing), self.config.pad_token_id, dtype=torch.long)
            x = torch.cat([x, self.embed_tokens(more)], dim=-2)
            attention_mask = F.pad(attention_mask, (0, missing), value=False)
        mask = self.mask(attention_mask, x.dtype)
        hidden = mask < 0
        seeing = mask > 0
        marks = None if global_attention_mask is None else marked(global_attention_mask)
        x = self.placed(x)
        for layer in self.layers:
            x = layer(x, mask, hidden, marks)
        return x[:, :-missing] if missing > 0 else x


class LEDDecoder(LEDStack):
    def __init__(self, config, embedding):
        layers = [LEDDecoderLayer(config, i) for i in range(config.decoder_layers)]
        super().__init__(config, layers, config.max_decoder_position_embeddings, embedding)

    def forward(self, input_ids=None, attention_mask=None, memory=None, memory_mask=None, inputs_embeds=None, cache=None):
        embedded = self.embed_tokens(input_ids) if inputs_embeds is None else inputs_embeds
        past = 0 if cache is None else cache.length()
        mask = decoder_mask(self.config, embedded, attention_mask, None, cache) if embedded.shape[1] > 1 else None
        memory_mask = cross_mask(self.config, embedded, memory_mask, memory)
        x = self.placed(embedded, past)
        for layer in self.layers:
            x = layer(x, mask, memory, memory_mask, cache)
        return x


class LEDModel(PairModel):
    def __init__(self, config):
        super().__init__(config)
        self.shared = nn.Embedding(config.vocab_size, config.d_model, config.pad_token_id)
        self.encoder = LEDEncoder(config, self.shared)
        self.decoder = LEDDecoder(config, self.shared)

    def forward(self, input_ids=None, attention_mask=None, decoder_input_ids=None, decoder_attention_mask=None, encoder_outputs=None, global_attention_mask=None, past_key_values=None, use_cache=None, **kwargs):
        if decoder_input_ids is None:
            decoder_input_ids = shifted(input_ids, self.config.decoder_start_token_id)
        cache = past_key_values
        if cache is None and self.caches(use_cache):
            cache = Cache()
        memory = self.encoder(input_ids, attention_mask, global_attention_mask) if encoder_outputs is None else encoder_outputs[0]
        hidden = self.decoder(decoder_input_ids, decoder_attention_mask, memory, attention_mask, cache=cache)
        return Output(last_hidden_state=hidden, past_key_values=cache, encoder_last_hidden_state=memory)


class LEDForConditionalGeneration(PairModel):
    def __init__(self, config):
        super().__init__(config)
        self.led = LEDModel(config)
        self.register_buffer("final_logits_bias", torch.zeros((1, config.vocab_size)))
        self.lm_head = nn.Linear(config.d_model, config.vocab_size, bias=False)
        if config.tie_word_embeddings:
            self.lm_head.weight = self.led.shared.weight

    def forward(self, input_ids=None, decoder_input_ids=None, labels=None, use_cache=None, **kwargs):
        if labels is not None:
            use_cache = False
            if decoder_input_ids is None:
                decoder_input_ids = shifted(labels, self.config.decoder_start_token_id)
        out = self.led(input_ids, decoder_input_ids=decoder_input_ids, use_cache=use_cache, **kwargs)
        logits = self.lm_head(out.last_hidden_state) + self.final_logits_bias
        loss = None if labels is None else plain_loss(logits, labels, self.config.vocab_size)
        return Output(loss=loss, logits=logits, past_key_values=out.past_key_values, encoder_last_hidden_state=out.encoder_last_hidden_state)


class LEDForQuestionAnswering(PairModel):
    def __init__(self, config):
        config.num_labels = 2
        super().__init__(config)
        self.led = LEDModel(config)
        self.qa_outputs = nn.Linear(config.d_model, 2)

    def forward(self, input_ids=None, start_positions=None, end_positions=None, use_cache=None, **kwargs):
        if start_positions is not None and end_positions is not None:
            use_cache = False
        out = self.led(input_ids, use_cache=use_cache, **kwargs)
        found = spans(self.qa_outputs(out.last_hidden_state), start_positions, end_positions)
        return Output(**found, past_key_values=out.past_key_values, encoder_last_hidden_state=out.encoder_last_hidden_state)
