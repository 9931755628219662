"""T5Gemma: Gemma 2 as an encoder and as a decoder that looks at it; widths and depths of the two may differ."""
import torch
from torch import nn
from torch.cuda import is_current_stream_capturing as is_capturing

from .gemma import GemmaRMSNorm
from .gemma2 import Gemma2Attention
from .parts.attention import split_heads
from .parts.block import Block
from .parts.cache import Cache, keep, keep_crossed
from .parts.config import Config, alternating
from .parts.decoder import GatedMLP, window_of
from .parts.heads import Model, PairModel
from .parts.losses import classification_loss, masked_loss, token_loss
from .parts.masks import decoder_mask, is_eager, memory_mask, padding_mask
from .parts.output import Output
from .parts.rotary import RotaryEmbedding


class T5GemmaModuleConfig(Config):
    """The encoder's or the decoder's; no model by itself."""

    whole_heads = True
    rope_theta = 10000.0
    defaults = dict(
        vocab_size=256000,
        hidden_size=2304,
        intermediate_size=9216,
        num_hidden_layers=26,
        num_attention_heads=8,
        num_key_value_heads=4,
        head_dim=256,
        hidden_activation="gelu_pytorch_tanh",
        max_position_embeddings=8192,
        rms_norm_eps=1e-6,
        pad_token_id=0,
        bos_token_id=2,
        attention_bias=False,
        query_pre_attn_scalar=256,
        sliding_window=4096,
        final_logit_softcapping=30.0,
        attn_logit_softcapping=50.0,
    )

    def complete(self, given):
        self.layer_types = self.layer_types or alternating(self, 2)


class T5GemmaConfig(Config):
    model_type = "t5gemma"
    sub_configs = {"encoder": "t5_gemma_module", "decoder": "t5_gemma_module"}
    defaults = dict(
        encoder=None,
        decoder=None,
        is_encoder_decoder=True,
        dropout_rate=0.0,
        classifier_dropout_rate=0.0,
        attention_dropout=0.0,
        vocab_size=256000,
    )

    def part(self, name, model_type):
        value = getattr(self, name)
        return value if isinstance(value, Config) else T5GemmaModuleConfig(**(value or {}))

    def complete(self, given):
        for part, decodes in ((self.encoder, False), (self.decoder, True)):
            part.is_decoder = decodes
            part.dropout_rate, part.attention_dropout = self.dropout_rate, self.attention_dropout
        self.decoder.cross_attention_hidden_size = self.encoder.hidden_size
        if "pad_token_id" not in given:
            self.pad_token_id = self.decoder.pad_token_id


class T5GemmaAttention(Gemma2Attention):
    """Attention to the text itself: an encoder's to all of it, a decoder's to what came before."""

    def __init__(self, config, layer):
        super().__init__(config, layer)
        self.bidirectional = not config.is_decoder

    def forward(self, x, positions, mask, cache=None):
        query, key, value = self.heads(x)
        query, key = self.turn(query, key, positions)
        if not self.bidirectional:
            key, value = keep(key, value, cache, self.layer, self.window)
        out, weights = self.weigh(query, key, value, mask)
        return self.o_proj(out.reshape(*x.shape[:-1], -1))


class T5GemmaCrossAttention(Gemma2Attention):
    """Attention to the encoder's output, without positions."""

    def __init__(self, config, layer):
        super().__init__(config, layer)
        self.bidirectional = True
        keys, size = config.num_key_value_heads * self.head_dim, config.cross_attention_hidden_size
        self.k_proj = nn.Linear(size, keys, bias=config.attention_bias)
        self.v_proj = nn.Linear(size, keys, bias=config.attention_bias)

    def forward(self, x, mask, memory, cache=None):
        query = split_heads(self.q_proj(x), self.head_dim)
        key, value = keep_crossed(lambda: [split_heads(proj(memory), self.head_dim) for proj in (self.k_proj, self.v_proj)], cache, self.layer)
        out, weights = self.weigh(query, key, value, mask)
        return self.o_proj(out.reshape(*x.shape[:-1], -1))


class T5GemmaMLP(GatedMLP):
    def __init__(self, config):
        super().__init__(config, act=config.hidden_activation)
        self.dropout = nn.Dropout(config.dropout_rate)

    def forward(self, x):
        x = self.act_fn(self.gate_proj(x)) * self.up_proj(x)
        x = self.dropout(x)
        return self.down_proj(x)


class T5GemmaLayer(Block):
    """Attention, in a decoder also to the encoder's output, and a feed-forward, each between two norms and beside a residual."""

    positional = 5

    def __init__(self, config, layer):
        super().__init__()
        self.self_attn = T5GemmaAttention(config, layer)
        self.mlp = T5GemmaMLP(config)
        self.dropout = nn.Dropout(config.dropout_rate)
        halves = ["self_attn", "feedforward"]
        if config.is_decoder:
            self.cross_attn = T5GemmaCrossAttention(config, layer)
            halves.append("cross_attn")
        for half in halves:
            setattr(self, f"pre_{half}_layernorm", GemmaRMSNorm(config.hidden_size, eps=config.rms_norm_eps))
            setattr(self, f"post_{half}_layernorm", GemmaRMSNorm(config.hidden_size, eps=config.rms_norm_eps))

    def forward(self, x, positions, mask, memory=None, memory_mask=None, cache=None):
        before = x
        x = self.pre_self_attn_layernorm(x)
        x = self.self_attn(x, positions, mask, cache)
        x = self.post_self_attn_layernorm(x)
        x = before + self.dropout(x)
        if memory is not None:
            before = x
            x = self.pre_cross_attn_layernorm(x)
            x = self.cross_attn(x, memory_mask, memory, cache)
            x = self.post_cross_attn_layernorm(x)
            x = before + self.dropout(x)
        before = x
        x = self.pre_feedforward_layernorm(x)
        x = self.mlp(x)
        x = self.post_feedforward_layernorm(x)
        return before + self.dropout(x)


class T5GemmaStack(Model):
    """The encoder or the decoder. Where nobody gives a mask and no cache is used, the tokens' own padding is looked for; none is found here."""

    def __init__(self, config):
        super().__init__(config)
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size, config.pad_token_id)
        self.norm = GemmaRMSNorm(config.hidden_size, eps=config.rms_norm_eps)
        self.layers = nn.ModuleList([T5GemmaLayer(config, i) for i in range(config.num_hidden_layers)])
        self.dropout = nn.Dropout(config.dropout_rate)
        self.rotary_emb = RotaryEmbedding(config)

    def forward(self, input_ids, padding=None, memory=None, memory_padding=None, cache=None):
        config, x = self.config, self.embed_tokens(input_ids)
        past = 0 if cache is None else cache.length()
        places = torch.arange(x.shape[1], device=x.device)
        places = (places + past if config.is_decoder else places).unsqueeze(0)
        whole = padding is None and cache is None and not is_capturing()
        if padding is None and cache is None:
            padding = (input_ids != config.pad_token_id).to(x.device, torch.long)
        masks = {window: self.mask(x, padding, window, cache, places, whole) for window in (None, config.sliding_window)}
        across = memory_mask(config, x, memory_padding, memory)
        x = x * torch.tensor(config.hidden_size**0.5, dtype=x.dtype)
        x = self.dropout(x)
        positions = self.rotary_emb(x, places)
        for i, layer in enumerate(self.layers):
            x = layer(x, positions, masks[window_of(config, i)], memory, across, cache)
        x = self.norm(x)
        return self.dropout(x)

    def mask(self, x, padding, window, cache, places, whole):
        """None where nothing is masked, but for what attention can tell by itself; `whole`: no token is padding."""
        skips = whole and (window is None or x.shape[1] < window)
        if skips and not (self.config.is_decoder and is_eager(self.config)):
            padding.all()
            return None
        if self.config.is_decoder:
            return decoder_mask(self.config, x, padding, window, cache, places)
        return padding_mask(self.config, x, padding, window=window)


class T5GemmaModel(PairModel):
    def __init__(self, config):
        super().__init__(config)
        if not config.is_encoder_decoder:
            raise ValueError("is_encoder_decoder is false, but T5GemmaModel has a decoder")
        self.encoder = T5GemmaStack(config.encoder)
        self.decoder = T5GemmaStack(config.decoder)

    def forward(self, input_ids=None, attention_mask=None, decoder_input_ids=None, decoder_attention_mask=None, encoder_outputs=None, past_key_values=None, use_cache=None, **kwargs):
        memory = self.encoder(input_ids, attention_mask) if encoder_outputs is None else encoder_outputs[0]
        if past_key_values is None and not self.training and self.caches(use_cache):
            past_key_values = Cache()
        hidden = self.decoder(decoder_input_ids, decoder_attention_mask, memory, attention_mask, past_key_values)
        return Output(last_hidden_state=hidden, past_key_values=past_key_values, encoder_last_hidden_state=memory)


class T5GemmaEncoderModel(Model):
    def __init__(self, config):
        super().__init__(config)
        if config.is_encoder_decoder:
            raise ValueError("is_encoder_decoder is true, but T5GemmaEncoderModel has no decoder")
        self.encoder = T5GemmaStack(config.encoder)

    def forward(self, input_ids=None, attention_mask=None, **kwargs):
        return Output(last_hidden_state=self.encoder(input_ids, attention_mask))


class T5GemmaHead(nn.Module):
    """The output layer, behind a dropout where there is one."""

    def __init__(self, size, count, bias=True, dropout=None):
        super().__init__()
        if dropout is not None:
            self.dropout = nn.Dropout(dropout)
        self.out_proj = nn.Linear(size, count, bias=bias)
        self.drops = dropout is not None

    def forward(self, x):
        return self.out_proj(self.dropout(x) if self.drops else x)


def moved(ids, config):
    """The decoder's inputs for a text: one token later, the first token in front, padding for labels that are ignored."""
    out = ids.new_zeros(ids.shape)
    out[..., 1:] = ids[..., :-1].clone()
    out[..., 0] = config.bos_token_id
    out.masked_fill_(out == -100, config.pad_token_id)
    return out


class T5GemmaForConditionalGeneration(PairModel):
    def __init__(self, config):
        super().__init__(config)
        config.is_encoder_decoder = True
        self.model = T5GemmaModel(config)
        self.lm_head = T5GemmaHead(config.decoder.hidden_size, config.decoder.vocab_size, bias=False)
        if config.tie_word_embeddings:
            self.lm_head.out_proj.weight = self.model.decoder.embed_tokens.weight

    def forward(self, input_ids=None, attention_mask=None, decoder_input_ids=None, labels=None, logits_to_keep=0, **kwargs):
        if labels is not None and decoder_input_ids is None:
            decoder_input_ids = moved(labels, self.config.decoder)
        out = self.model(input_ids, attention_mask, decoder_input_ids, **kwargs)
        logits = self.lm_head(out.last_hidden_state[:, -logits_to_keep:, :])
        cap = self.config.decoder.final_logit_softcapping
        if cap is not None:
            logits = logits / cap
            logits = torch.tanh(logits)
            logits = logits * cap
        loss = None if labels is None else masked_loss(logits, labels, self.config.decoder.vocab_size)
        return Output(loss=loss, logits=logits, past_key_values=out.past_key_values, encoder_last_hidden_state=out.encoder_last_hidden_state)


class T5GemmaClassifier(Model):
    """Classes by the decoder's states, or by the encoder's where there is no decoder."""

    def __init__(self, config):
        super().__init__(config)
        pair = config.is_encoder_decoder
        self.model = (T5GemmaModel if pair else T5GemmaEncoderModel)(config)
        size = (config.decoder if pair else config.encoder).hidden_size
        self.score = T5GemmaHead(size, config.num_labels, dropout=config.classifier_dropout_rate)

    def scores(self, input_ids, attention_mask, decoder_input_ids, kwargs):
        if not self.config.is_encoder_decoder:
            return self.score(self.model(input_ids, attention_mask, **kwargs).last_hidden_state), None, None
        if decoder_input_ids is None:
            decoder_input_ids = moved(input_ids, self.config.decoder)
        out = self.model(input_ids, attention_mask, decoder_input_ids, **{**kwargs, "use_cache": False})
        return self.score(out.last_hidden_state), decoder_input_ids, (out.last_hidden_state,)


class T5GemmaForSequenceClassification(T5GemmaClassifier):
    def forward(self, input_ids=None, attention_mask=None, decoder_input_ids=None, labels=None, **kwargs):
        logits, read, hidden = self.scores(input_ids, attention_mask, decoder_input_ids, kwargs)
        last = -1
        if self.config.pad_token_id is not None:
            real = (input_ids != self.config.pad_token_id).to(logits.device, torch.int32)
            last = (torch.arange(input_ids.shape[-1], device=logits.device, dtype=torch.int32) * real).argmax(-1)
            if read is not None:
                last += 1
                last = torch.clamp(last, max=read.shape[-1] - 1)
        pooled = logits[torch.arange(input_ids.shape[0], device=logits.device), last]
        loss = None if labels is None else classification_loss(pooled, labels, self.config)
        return Output(loss=loss, logits=pooled, hidden_states=hidden)


class T5GemmaForTokenClassification(T5GemmaClassifier):
    def forward(self, input_ids=None, attention_mask=None, decoder_input_ids=None, labels=None, **kwargs):
        logits, _, hidden = self.scores(input_ids, attention_mask, decoder_input_ids, kwargs)
        loss = None if labels is None else token_loss(logits, labels, self.config.num_labels)
        return Output(loss=loss, logits=logits, hidden_states=hidden)
