"""Whisper: an encoder of sound behind two convolutions, and a decoder of text."""
import torch
from torch import nn
from torch.nn import functional as F

from .bart import BartAttention, BartConfig, BartLayer
from .parts.attention import attend, split_heads
from .parts.cache import Cache, keep, keep_crossed
from .parts.heads import Model
from .parts.losses import classification_loss, plain_loss
from .parts.masks import decoder_mask, is_eager
from .parts.output import Output
from .parts.pairs import shifted


class WhisperConfig(BartConfig):
    model_type = "whisper"
    pre_norm = True
    labels = 2
    attribute_map = {
        "num_key_value_heads": "encoder_attention_heads",
        "num_attention_heads": "encoder_attention_heads",
        "hidden_size": "d_model",
        "num_hidden_layers": "encoder_layers",
    }
    defaults = dict(
        BartConfig.defaults,
        vocab_size=51865,
        num_mel_bins=80,
        encoder_layers=4,
        encoder_attention_heads=6,
        decoder_layers=4,
        decoder_attention_heads=6,
        decoder_ffn_dim=1536,
        encoder_ffn_dim=1536,
        d_model=384,
        dropout=0.0,
        max_source_positions=1500,
        max_target_positions=448,
        pad_token_id=50256,
        decoder_start_token_id=50257,
        classifier_proj_size=256,
        use_weighted_layer_sum=False,
    )


class WhisperAttention(BartAttention):
    """Queries are scaled before, and each operand is laid out anew."""

    def forward(self, x, mask=None, memory=None, cache=None):
        query = split_heads(self.q_proj(x) * self.head_dim**-0.5, self.head_dim).contiguous()
        if self.cross:
            key, value = keep_crossed(lambda: self.sources(memory), cache, self.layer)
        else:
            key, value = self.sources(x if memory is None else memory)
        if self.decodes and not self.cross:
            key, value = keep(key, value, cache, self.layer)
        dropout = self.config.attention_dropout if self.training else 0.0
        causal = self.decodes and not self.cross
        out, weights = attend(query, key, value, mask, causal, 1.0, dropout, is_eager(self.config), wide=False)
        out = out.reshape(*x.shape[:-1], -1)
        out = self.out_proj(out)
        return out, weights

    def sources(self, x):
        return [one.contiguous() for one in super().sources(x)]


class WhisperLayer(BartLayer):
    """BART's layer whose keys have no bias."""

    attention_class = WhisperAttention

    def __init__(self, config, layer, decodes):
        super().__init__(config, layer, decodes)
        parts = [self.self_attn, *([self.encoder_attn] if decodes else [])]
        for attention in parts:
            attention.k_proj = nn.Linear(config.d_model, config.d_model, bias=False)


class WhisperEncoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        size = config.d_model
        self.conv1 = nn.Conv1d(config.num_mel_bins, size, kernel_size=3, padding=1)
        self.conv2 = nn.Conv1d(size, size, kernel_size=3, stride=2, padding=1)
        self.embed_positions = nn.Embedding(config.max_source_positions, size)
        self.embed_positions.requires_grad_(False)
        self.layers = nn.ModuleList([WhisperLayer(config, i, False) for i in range(config.encoder_layers)])
        self.layer_norm = nn.LayerNorm(size)

    def forward(self, input_features):
        wanted = self.config.max_source_positions * 2
        if input_features.shape[-1] != wanted:
            raise ValueError(f"input_features has {input_features.shape[-1]} frames, but Whisper takes {wanted}")
        embedded = F.gelu(self.conv1(input_features))
        embedded = F.gelu(self.conv2(embedded)).permute(0, 2, 1)
        x = embedded + self.embed_positions(torch.arange(self.embed_positions.num_embeddings, device=embedded.device))
        x = F.dropout(x, p=self.config.dropout, training=self.training)
        for layer in self.layers:
            x = layer(x)
        return self.layer_norm(x)


class WhisperDecoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        size = config.d_model
        self.embed_tokens = nn.Embedding(config.vocab_size, size, config.pad_token_id)
        self.embed_positions = nn.Embedding(config.max_target_positions, size)
        self.layers = nn.ModuleList([WhisperLayer(config, i, True) for i in range(config.decoder_layers)])
        self.layer_norm = nn.LayerNorm(size)

    def forward(self, input_ids, attention_mask=None, memory=None, cache=None):
        embedded = self.embed_tokens(input_ids)
        past = 0 if cache is None else cache.length()
        places = torch.arange(embedded.shape[1], device=embedded.device) + past
        places = places.unsqueeze(0).repeat(embedded.shape[0], 1)
        place = self.embed_positions.weight[places]
        x = embedded + place
        x = F.dropout(x, p=self.config.dropout, training=self.training)
        mask = decoder_mask(self.config, embedded, attention_mask, None, cache, places)
        for layer in self.layers:
            x = layer(x, mask, memory, cache=cache)
        return self.layer_norm(x)


class Listening(Model):
    def inputs(self):
        config = self.config
        frames = config.max_source_positions * 2
        return {"input_features": f"float32[B, {config.num_mel_bins}, {frames}]", "decoder_input_ids": "int64[B, 4]"}


class WhisperModel(Listening):
    def __init__(self, config):
        super().__init__(config)
        self.encoder = WhisperEncoder(config)
        self.decoder = WhisperDecoder(config)

    def forward(self, input_features=None, attention_mask=None, decoder_input_ids=None, decoder_attention_mask=None, encoder_outputs=None, past_key_values=None, use_cache=None, **kwargs):
        cache = past_key_values
        if cache is None and self.caches(use_cache):
            cache = Cache()
        memory = self.encoder(input_features) if encoder_outputs is None else encoder_outputs[0]
        hidden = self.decoder(decoder_input_ids, decoder_attention_mask, memory, cache)
        return Output(last_hidden_state=hidden, past_key_values=cache, encoder_last_hidden_state=memory)


class WhisperForConditionalGeneration(Listening):
    def __init__(self, config):
        super().__init__(config)
        self.model = WhisperModel(config)
        self.proj_out = nn.Linear(config.d_model, config.vocab_size, bias=False)
        if config.tie_word_embeddings:
            self.proj_out.weight = self.model.decoder.embed_tokens.weight

    def forward(self, input_features=None, decoder_input_ids=None, labels=None, **kwargs):
        if labels is not None and decoder_input_ids is None:
            decoder_input_ids = shifted(labels, self.config.decoder_start_token_id)
        out = self.model(input_features, decoder_input_ids=decoder_input_ids, **kwargs)
        logits = self.proj_out(out.last_hidden_state)
        loss = None if labels is None else plain_loss(logits, labels, self.config.vocab_size)
        return Output(loss=loss, logits=logits, past_key_values=out.past_key_values, encoder_last_hidden_state=out.encoder_last_hidden_state)


class WhisperDecoderWrapper(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.decoder = WhisperDecoder(config)


class WhisperForCausalLM(Model):
    def __init__(self, config):
        super().__init__(config)
        self.model = WhisperDecoderWrapper(config)
        self.proj_out = nn.Linear(config.d_model, config.vocab_size, bias=False)
        if config.tie_word_embeddings:
            self.proj_out.weight = self.model.decoder.embed_tokens.weight

    def forward(self, input_ids=None, attention_mask=None, encoder_outputs=None, labels=None, use_cache=None, **kwargs):
        use_cache = self.config.use_cache if use_cache is None else use_cache
        cache = Cache() if use_cache else None
        logits = self.proj_out(self.model.decoder(input_ids, attention_mask, encoder_outputs, cache))
        loss = None if labels is None else plain_loss(logits, labels, self.config.vocab_size)
        return Output(loss=loss, logits=logits, past_key_values=cache)


class WhisperForAudioClassification(Model):
    def __init__(self, config):
        super().__init__(config)
        self.encoder = WhisperEncoder(config)
        if config.use_weighted_layer_sum:
            layers = config.num_hidden_layers + 1
            self.layer_weights = nn.Parameter(torch.ones(layers) / layers)
        self.projector = nn.Linear(config.hidden_size, config.classifier_proj_size)
        self.classifier = nn.Linear(config.classifier_proj_size, config.num_labels)

    def inputs(self):
        return {"input_features": f"float32[B, {self.config.num_mel_bins}, {self.config.max_source_positions * 2}]"}

    def forward(self, input_features=None, labels=None, **kwargs):
        logits = self.classifier(self.projector(self.encoder(input_features)).mean(dim=1))
        loss = None if labels is None else classification_loss(logits, labels, self.config)
        return Output(loss=loss, logits=logits)
