"""Perceiver IO: a few latent vectors read inputs of any kind, think, and are asked for outputs by queries."""
import math

import torch
from torch import nn

from .parts.activations import activation
from .parts.config import Config
from .parts.heads import ImageModel, Model
from .parts.losses import classification_loss, plain_loss
from .parts.masks import padding_mask
from .parts.output import Output
from .parts.readers import FourierPositions, PerceiverImagePreprocessor, PerceiverTextPreprocessor, TrainablePositions


class PerceiverConfig(Config):
    model_type = "perceiver"
    eager_only = True
    defaults = dict(
        num_latents=256,
        d_latents=1280,
        d_model=768,
        num_blocks=1,
        num_self_attends_per_block=26,
        num_self_attention_heads=8,
        num_cross_attention_heads=8,
        qk_channels=None,
        v_channels=None,
        cross_attention_shape_for_attention="kv",
        self_attention_widening_factor=1,
        cross_attention_widening_factor=1,
        hidden_act="gelu",
        attention_probs_dropout_prob=0.1,
        layer_norm_eps=1e-12,
        use_query_residual=True,
        vocab_size=262,
        max_position_embeddings=2048,
        image_size=56,
    )

    def complete(self, given):
        for key in ("num_self_attention_heads", "num_cross_attention_heads"):
            heads = getattr(self, key)
            if self.d_latents % heads != 0:
                raise ValueError(f"d_latents {self.d_latents} is not a multiple of {key} {heads}")
        if self.cross_attention_shape_for_attention not in ("q", "kv"):
            raise ValueError(f"cross_attention_shape_for_attention is {self.cross_attention_shape_for_attention!r}, not 'q' or 'kv'")


class PerceiverEmbeddings(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.latents = nn.Parameter(torch.randn(config.num_latents, config.d_latents))

    def forward(self, batch):
        return self.latents.expand(batch, -1, -1)


class PerceiverSelfAttention(nn.Module):
    def __init__(self, config, size, source, key_width, value_width, heads):
        super().__init__()
        for width in (key_width, value_width):
            if width % heads != 0:
                raise ValueError(f"{width} channels are not a multiple of {heads} attention heads")
        self.heads, self.key_width, self.value_width = heads, key_width // heads, value_width // heads
        self.layernorm1 = nn.LayerNorm(size)
        self.layernorm2 = nn.Identity() if source is None else nn.LayerNorm(source)
        self.query = nn.Linear(size, key_width)
        self.key = nn.Linear(source or size, key_width)
        self.value = nn.Linear(source or size, value_width)
        self.dropout = nn.Dropout(config.attention_probs_dropout_prob)

    def split(self, x, width):
        return x.view(*x.shape[:-1], self.heads, width).permute(0, 2, 1, 3)

    def forward(self, x, inputs=None, mask=None):
        x = self.layernorm1(x)
        inputs = self.layernorm2(inputs)
        query = self.query(x)
        source = x if inputs is None else inputs
        key = self.key(source)
        value = self.value(source)
        query, key, value = self.split(query, self.key_width), self.split(key, self.key_width), self.split(value, self.value_width)
        scores = torch.matmul(query, key.transpose(-1, -2))
        scores = scores / math.sqrt(self.key_width)
        if mask is not None:
            scores = scores + mask
        weights = nn.functional.softmax(scores, dim=-1)
        weights = self.dropout(weights)
        out = torch.matmul(weights, value)
        out = out.permute(0, 2, 1, 3).contiguous()
        return out.view(*out.shape[:-2], -1)


class PerceiverSelfOutput(nn.Module):
    def __init__(self, width, size):
        super().__init__()
        self.dense = nn.Linear(width, size)

    def forward(self, x):
        return self.dense(x)


class PerceiverAttention(nn.Module):
    """Attention to itself, or to vectors of `source` channels."""

    def __init__(self, config, size, source, key_width, value_width, heads, residual):
        super().__init__()
        if key_width is None:
            key_width = source if source is not None and config.cross_attention_shape_for_attention == "kv" else size
        value_width = value_width or key_width
        self.self = PerceiverSelfAttention(config, size, source, key_width, value_width, heads)
        self.output = PerceiverSelfOutput(value_width, value_width if source is None else size)
        self.residual = residual

    def forward(self, x, inputs=None, mask=None):
        out = self.output(self.self(x, inputs, mask))
        return out + x if self.residual else out


class PerceiverMLP(nn.Module):
    def __init__(self, config, size, widening):
        super().__init__()
        self.dense1 = nn.Linear(size, widening * size)
        self.intermediate_act_fn = activation(config.hidden_act)
        self.dense2 = nn.Linear(widening * size, size)

    def forward(self, x):
        x = self.dense1(x)
        x = self.intermediate_act_fn(x)
        return self.dense2(x)


class PerceiverLayer(nn.Module):
    def __init__(self, config, size, source, heads, widening, residual=True, key_width=None, value_width=None):
        super().__init__()
        self.attention = PerceiverAttention(config, size, source, key_width, value_width, heads, residual)
        self.layernorm = nn.LayerNorm(size)
        self.mlp = PerceiverMLP(config, size, widening)

    def forward(self, x, inputs=None, mask=None):
        attended = self.attention(x, inputs, mask)
        out = self.mlp(self.layernorm(attended))
        return out + attended


class PerceiverEncoder(nn.Module):
    """Latents read the inputs once, then run through the same layers `num_blocks` times."""

    def __init__(self, config, source):
        super().__init__()
        self.config = config
        size, widths = config.d_latents, dict(key_width=config.qk_channels, value_width=config.v_channels)
        heads, widening = config.num_cross_attention_heads, config.cross_attention_widening_factor
        self.cross_attention = PerceiverLayer(config, size, source, heads, widening, config.use_query_residual, **widths)
        heads, widening = config.num_self_attention_heads, config.self_attention_widening_factor
        count = config.num_self_attends_per_block
        self.self_attends = nn.ModuleList([PerceiverLayer(config, size, None, heads, widening, **widths) for _ in range(count)])

    def forward(self, x, inputs, mask):
        x = self.cross_attention(x, inputs, mask)
        for _ in range(self.config.num_blocks):
            for layer in self.self_attends:
                x = layer(x)
        return x


class PerceiverModel(Model):
    """`reader` makes vectors of the inputs, `decoder` asks the latents for outputs; neither where none is given."""

    def __init__(self, config, reader=None, decoder=None):
        super().__init__(config)
        self.input_preprocessor = reader
        self.embeddings = PerceiverEmbeddings(config)
        self.encoder = PerceiverEncoder(config, config.d_model if reader is None else reader.width)
        self.decoder = decoder

    def inputs(self):
        return {"inputs": f"float32[B, T, {self.config.d_model}]"}

    def forward(self, inputs, attention_mask=None, **kwargs):
        if self.input_preprocessor is not None:
            inputs, plain = self.input_preprocessor(inputs)
        elif inputs.size(-1) != self.config.d_model:
            raise ValueError(f"the inputs' last axis is {inputs.size(-1)}, but d_model is {self.config.d_model}")
        latents = self.embeddings(inputs.shape[0])
        mask = padding_mask(self.config, latents, attention_mask, inputs)
        x = self.encoder(latents, inputs, mask)
        logits = None if self.decoder is None else self.decoder(self.decoder.query(inputs.shape[0]), x)
        return Output(logits=logits, last_hidden_state=x)


class PerceiverBasicDecoder(nn.Module):
    """`count` learned queries read the latents; `outputs` channels of each, where there is a last layer."""

    def __init__(self, config, count, width, outputs, heads=1, key_width=None, value_width=None, residual=True):
        super().__init__()
        self.output_position_encodings = TrainablePositions(count, width)
        self.positions_projection = nn.Identity()
        widths = dict(key_width=key_width, value_width=value_width)
        self.decoding_cross_attention = PerceiverLayer(config, width, config.d_latents, heads, 1, residual, **widths)
        self.final_layer = nn.Identity() if outputs is None else nn.Linear(width, outputs)

    def query(self, batch):
        return self.positions_projection(self.output_position_encodings(batch))

    def forward(self, query, x):
        out = self.decoding_cross_attention(query, x)
        return self.final_layer(out)


class PerceiverClassificationDecoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.decoder = PerceiverBasicDecoder(config, 1, config.d_latents, config.num_labels)

    def query(self, batch):
        return self.decoder.query(batch)

    def forward(self, query, x):
        return self.decoder(query, x)[:, 0, :]


class PerceiverEmbeddingDecoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(config.vocab_size))

    def forward(self, x, words):
        batch, length, width = x.shape
        out = torch.matmul(x.reshape([-1, width]), words.weight.transpose(0, 1))
        out = out + self.bias
        return out.reshape([batch, length, -1])


class PerceiverForMaskedLM(Model):
    def __init__(self, config):
        super().__init__(config)
        size = config.d_model
        decoder = PerceiverBasicDecoder(config, config.max_position_embeddings, size, None, 8, 256, size, residual=False)
        self.perceiver = PerceiverModel(config, PerceiverTextPreprocessor(config), decoder)
        self.embedding_decoder = PerceiverEmbeddingDecoder(config)

    def targets(self):
        return {"labels": f"int64[B, {self.config.max_position_embeddings}]"}

    def forward(self, inputs=None, attention_mask=None, labels=None, input_ids=None, **kwargs):
        out = self.perceiver(input_ids if inputs is None else inputs, attention_mask)
        logits = self.embedding_decoder(out.logits, self.perceiver.input_preprocessor.embeddings)
        return Output(loss=None if labels is None else plain_loss(logits, labels, self.config.vocab_size), logits=logits)


class PerceiverClassifier(Model):
    def __init__(self, config):
        super().__init__(config)
        self.perceiver = PerceiverModel(config, self.reader(config), PerceiverClassificationDecoder(config))

    def classes(self, inputs, attention_mask, labels):
        logits = self.perceiver(inputs, attention_mask).logits
        return Output(loss=None if labels is None else classification_loss(logits, labels, self.config), logits=logits)


class PerceiverForSequenceClassification(PerceiverClassifier):
    def reader(self, config):
        return PerceiverTextPreprocessor(config)

    def forward(self, inputs=None, attention_mask=None, labels=None, input_ids=None, **kwargs):
        return self.classes(input_ids if inputs is None else inputs, attention_mask, labels)


class PerceiverForImageClassification(PerceiverClassifier, ImageModel):
    def targets(self):
        return {"labels": "int64[B]"}

    def forward(self, inputs=None, attention_mask=None, labels=None, pixel_values=None, **kwargs):
        return self.classes(pixel_values if inputs is None else inputs, attention_mask, labels)


class PerceiverForImageClassificationLearned(PerceiverForImageClassification):
    def reader(self, config):
        return PerceiverImagePreprocessor("conv1x1", 256, TrainablePositions(config.image_size**2, 256), projected=256)


class PerceiverForImageClassificationFourier(PerceiverForImageClassification):
    def reader(self, config):
        return PerceiverImagePreprocessor("pixels", 64, FourierPositions((224, 224)))


class PerceiverForImageClassificationConvProcessing(PerceiverForImageClassification):
    def reader(self, config):
        return PerceiverImagePreprocessor("conv", 64, FourierPositions((56, 56)))
