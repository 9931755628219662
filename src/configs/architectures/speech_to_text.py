"""Speech2Text: gated convolutions over spectra, then an encoder and a decoder in BART's manner, with positions by sines."""
import math

import torch
from torch import nn
from torch.nn import functional as F

from .bart import BartConfig, BartLayer
from .parts.cache import Cache
from .parts.heads import Model
from .parts.losses import plain_loss
from .parts.masks import decoder_mask, memory_mask as cross_mask, padding_mask
from .parts.output import Output
from .parts.pairs import shifted


class Speech2TextConfig(BartConfig):
    model_type = "speech_to_text"
    pre_norm = True
    eager_only = True
    labels = 2
    defaults = dict(
        vocab_size=10000,
        encoder_layers=12,
        encoder_ffn_dim=2048,
        encoder_attention_heads=4,
        decoder_layers=6,
        decoder_ffn_dim=2048,
        decoder_attention_heads=4,
        encoder_layerdrop=0.0,
        decoder_layerdrop=0.0,
        is_encoder_decoder=True,
        activation_function="relu",
        d_model=256,
        dropout=0.1,
        attention_dropout=0.0,
        activation_dropout=0.0,
        decoder_start_token_id=2,
        scale_embedding=True,
        pad_token_id=1,
        max_source_positions=6000,
        max_target_positions=1024,
        num_conv_layers=2,
        conv_kernel_sizes=[5, 5],
        conv_channels=1024,
        input_feat_per_channel=80,
        input_channels=1,
    )

    def complete(self, given):
        super().complete(given)
        if len(self.conv_kernel_sizes) != self.num_conv_layers:
            raise ValueError(f"conv_kernel_sizes has {len(self.conv_kernel_sizes)} entries, but num_conv_layers is {self.num_conv_layers}")


class Conv1dSubsampler(nn.Module):
    """`[B, frames, features]` → `[B, fewer frames, d_model]`: each convolution halves the frames, and half its channels gate the others."""

    def __init__(self, config):
        super().__init__()
        sizes, last = config.conv_kernel_sizes, config.num_conv_layers - 1
        first = config.input_feat_per_channel * config.input_channels
        middle, out = config.conv_channels, config.d_model * 2
        self.conv_layers = nn.ModuleList(
            [
                nn.Conv1d(middle // 2 if i else first, middle if i < last else out, size, stride=2, padding=size // 2)
                for i, size in enumerate(sizes)
            ]
        )

    def forward(self, x):
        x = x.transpose(1, 2).contiguous()
        for conv in self.conv_layers:
            x = conv(x)
            x = F.glu(x, dim=1)
        return x.transpose(1, 2).contiguous()


class SinePositions(nn.Module):
    """Sines and cosines of each place, counted from behind the padding token's number; the table grows where it is too short."""

    def __init__(self, count, size, padding):
        super().__init__()
        self.size, self.padding = size, padding
        self.register_buffer("weights", self.table(count + 2), persistent=False)

    def table(self, count):
        half = self.size // 2
        steps = torch.exp(torch.arange(half, dtype=torch.int64).float() * -(math.log(10000) / (half - 1)))
        angles = torch.arange(count, dtype=torch.int64).float().unsqueeze(1) * steps.unsqueeze(0)
        table = torch.cat([torch.sin(angles), torch.cos(angles)], dim=1).view(count, -1)
        if self.size % 2 == 1:
            table = torch.cat([table, torch.zeros(count, 1)], dim=1)
        table[self.padding, :] = 0
        return table.to(torch.get_default_dtype())

    @torch.no_grad()
    def forward(self, ids, past=0):
        real = ids.ne(self.padding).int()
        places = (torch.cumsum(real, dim=1).type_as(real) + past) * real
        places = places.long() + self.padding
        longest = self.padding + 1 + ids.shape[1]
        if longest > self.weights.size(0):
            self.weights = self.table(longest + 2).to(dtype=self.weights.dtype, device=self.weights.device)
        return self.weights.index_select(0, places.view(-1)).view(*ids.shape, -1).detach()


class Speech2TextLayer(BartLayer):
    def forward(self, x, *args, **kwargs):
        x = super().forward(x, *args, **kwargs)
        if x.dtype == torch.float16 and not self.self_attn.decodes:
            longest = torch.finfo(x.dtype).max - 1000
            x = torch.clamp(x, min=-longest, max=longest)
        return x


class Speech2TextStack(nn.Module):
    """The encoder's or the decoder's layers over scaled embeddings."""

    def __init__(self, config, decodes):
        super().__init__()
        self.config, self.decodes = config, decodes
        self.scale = math.sqrt(config.d_model) if config.scale_embedding else 1.0
        longest = config.max_target_positions if decodes else config.max_source_positions
        if decodes:
            self.embed_tokens = nn.Embedding(config.vocab_size, config.d_model, config.pad_token_id)
        else:
            self.conv = Conv1dSubsampler(config)
        self.embed_positions = SinePositions(longest, config.d_model, config.pad_token_id)
        count = config.decoder_layers if decodes else config.encoder_layers
        self.layers = nn.ModuleList([Speech2TextLayer(config, i, decodes) for i in range(count)])
        self.layer_norm = nn.LayerNorm(config.d_model)

    def run(self, x, places, *args):
        x = x + places
        x = F.dropout(x, p=self.config.dropout, training=self.training)
        drop = self.config.decoder_layerdrop if self.decodes else self.config.encoder_layerdrop
        for layer in self.layers:
            if not (self.training and torch.rand([]) < drop):
                x = layer(x, *args)
        return self.layer_norm(x)


class Speech2TextEncoder(Speech2TextStack):
    def forward(self, input_features, padding=None):
        x = self.scale * self.conv(input_features)
        if padding is None:
            left_out = torch.zeros(x.shape[:2], dtype=torch.long, device=x.device)
        else:
            padding = shortened(padding, x.shape[1], self.config.num_conv_layers)
            left_out = padding.ne(1).long()
        places = self.embed_positions(left_out)
        return self.run(x, places, padding_mask(self.config, x, padding))


class Speech2TextDecoder(Speech2TextStack):
    def forward(self, input_ids, padding=None, memory=None, memory_padding=None, cache=None):
        x = self.embed_tokens(input_ids) * self.scale
        past = 0 if cache is None else cache.length()
        mask = decoder_mask(self.config, x, padding, None, cache)
        memory_mask = cross_mask(self.config, x, memory_padding, memory)
        places = self.embed_positions(input_ids, past)
        return self.run(x, places, mask, memory, memory_mask, cache)


def shortened(mask, length, halvings):
    """The mask of the spectra as one of the encoder's `length` frames."""
    ends = mask.sum(-1)
    for _ in range(halvings):
        ends = (ends - 1) // 2 + 1
    short = torch.zeros((mask.shape[0], length), dtype=mask.dtype, device=mask.device)
    short[torch.arange(mask.shape[0], device=mask.device), ends - 1] = 1
    return short.flip([-1]).cumsum(-1).flip([-1]).long()


class Listening(Model):
    """A second of sound, a hundred spectra, and the text that it says."""

    def inputs(self):
        width = self.config.input_feat_per_channel * self.config.input_channels
        return {"input_features": f"float32[B, 100, {width}]", "decoder_input_ids": "int64[B, T]"}


class Speech2TextModel(Listening):
    def __init__(self, config):
        super().__init__(config)
        self.encoder = Speech2TextEncoder(config, False)
        self.decoder = Speech2TextDecoder(config, True)

    def forward(self, input_features=None, attention_mask=None, decoder_input_ids=None, decoder_attention_mask=None, encoder_outputs=None, past_key_values=None, use_cache=None, **kwargs):
        cache = past_key_values
        if cache is None and self.caches(use_cache):
            cache = Cache()
        memory = self.encoder(input_features, attention_mask) if encoder_outputs is None else encoder_outputs[0]
        padding = None if attention_mask is None else shortened(attention_mask, memory.shape[1], self.config.num_conv_layers)
        hidden = self.decoder(decoder_input_ids, decoder_attention_mask, memory, padding, cache)
        return Output(last_hidden_state=hidden, past_key_values=cache, encoder_last_hidden_state=memory)


class Speech2TextForConditionalGeneration(Listening):
    def __init__(self, config):
        super().__init__(config)
        self.model = Speech2TextModel(config)
        self.lm_head = nn.Linear(config.d_model, config.vocab_size, bias=False)
        if config.tie_word_embeddings:
            self.lm_head.weight = self.model.decoder.embed_tokens.weight

    def forward(self, input_features=None, decoder_input_ids=None, labels=None, **kwargs):
        if labels is not None and decoder_input_ids is None:
            decoder_input_ids = shifted(labels, self.config.decoder_start_token_id)
        out = self.model(input_features, decoder_input_ids=decoder_input_ids, **kwargs)
        logits = self.lm_head(out.last_hidden_state)
        loss = None if labels is None else plain_loss(logits, labels, self.config.vocab_size)
        return Output(loss=loss, logits=logits, past_key_values=out.past_key_values, encoder_last_hidden_state=out.encoder_last_hidden_state)
