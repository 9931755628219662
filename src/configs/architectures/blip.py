"""BLIP: an image encoder, and a BERT that reads or writes text while it looks at the image."""
import math

import torch
from torch import nn
from torch.nn import functional as F

from .parts.attention import split_heads
from .parts.block import Block
from .parts.cache import Cache, keep, keep_crossed
from .parts.config import Config
from .parts.encoder import Embeddings, Intermediate, Pooler, ResidualOutput
from .parts.encoder_heads import MaskedHead
from .parts.heads import ImageModel, Model
from .parts.masks import decoder_mask, memory_mask as cross_mask, padding_mask
from .parts.output import Output
from .parts.vision import FeedForward


class BlipTextConfig(Config):
    model_type = "blip_text_model"
    whole_heads = True
    eager_only = True
    defaults = dict(
        vocab_size=30524,
        hidden_size=768,
        encoder_hidden_size=768,
        intermediate_size=3072,
        projection_dim=768,
        num_hidden_layers=12,
        num_attention_heads=8,
        max_position_embeddings=512,
        hidden_act="gelu",
        layer_norm_eps=1e-12,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        pad_token_id=0,
        is_decoder=True,
        label_smoothing=0.0,
    )


class BlipVisionConfig(Config):
    model_type = "blip_vision_model"
    whole_heads = True
    eager_only = True
    defaults = dict(
        hidden_size=768,
        intermediate_size=3072,
        projection_dim=512,
        num_hidden_layers=12,
        num_attention_heads=12,
        image_size=384,
        patch_size=16,
        hidden_act="gelu",
        layer_norm_eps=1e-5,
        attention_dropout=0.0,
    )


class BlipConfig(Config):
    model_type = "blip"
    sub_configs = {"text_config": BlipTextConfig, "vision_config": BlipVisionConfig}
    defaults = dict(text_config=None, vision_config=None, projection_dim=512, logit_scale_init_value=2.6592, image_text_hidden_size=256)

    def complete(self, given):
        self.text_config.encoder_hidden_size = self.vision_config.hidden_size


class BlipVisionEmbeddings(nn.Module):
    def __init__(self, config):
        super().__init__()
        size, patch = config.hidden_size, config.patch_size
        self.class_embedding = nn.Parameter(torch.randn(1, 1, size))
        self.patch_embedding = nn.Conv2d(3, size, kernel_size=patch, stride=patch)
        self.position_embedding = nn.Parameter(torch.randn(1, (config.image_size // patch) ** 2 + 1, size))

    def forward(self, pixel_values):
        dtype = self.patch_embedding.weight.dtype
        x = self.patch_embedding(pixel_values.to(dtype=dtype)).flatten(2).transpose(1, 2)
        first = self.class_embedding.expand(x.shape[0], 1, -1).to(dtype)
        x = torch.cat([first, x], dim=1)
        return x + self.position_embedding[:, : x.size(1), :].to(dtype)


class BlipAttention(nn.Module):
    """Every patch with every other, written out; one layer gives queries, keys and values."""

    def __init__(self, config):
        super().__init__()
        size = config.hidden_size
        self.heads = config.num_attention_heads
        self.scale = (size // self.heads) ** -0.5
        self.dropout = nn.Dropout(config.attention_dropout)
        self.qkv = nn.Linear(size, 3 * size)
        self.projection = nn.Linear(size, size)

    def forward(self, x):
        batch, count, size = x.shape
        qkv = self.qkv(x).reshape(batch, count, 3, self.heads, size // self.heads).permute(2, 0, 3, 1, 4)
        query, key, value = qkv[0], qkv[1], qkv[2]
        scores = torch.matmul(query, key.transpose(-1, -2))
        scores = scores * self.scale
        weights = F.softmax(scores, dim=-1)
        weights = self.dropout(weights)
        mixed = torch.matmul(weights, value).permute(0, 2, 1, 3)
        mixed = mixed.reshape(batch, count, size)
        out = self.projection(mixed)
        return out, weights


class BlipEncoderLayer(Block):
    def __init__(self, config):
        super().__init__()
        self.self_attn = BlipAttention(config)
        self.layer_norm1 = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.mlp = FeedForward(config)
        self.layer_norm2 = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)

    def forward(self, x):
        before = x
        x = self.layer_norm1(x)
        x, weights = self.self_attn(x)
        x = x + before
        before = x
        x = self.layer_norm2(x)
        x = self.mlp(x)
        return x + before


class BlipEncoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.layers = nn.ModuleList([BlipEncoderLayer(config) for _ in range(config.num_hidden_layers)])

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


class BlipVisionModel(ImageModel):
    def __init__(self, config):
        super().__init__(config)
        self.embeddings = BlipVisionEmbeddings(config)
        self.encoder = BlipEncoder(config)
        self.post_layernorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)

    def forward(self, pixel_values=None, **kwargs):
        x = self.post_layernorm(self.encoder(self.embeddings(pixel_values)))
        return Output(last_hidden_state=x, pooler_output=self.post_layernorm(x[:, 0, :]))


class BlipTextEmbeddings(Embeddings):
    """Words and positions, normalised."""

    def __init__(self, config):
        nn.Module.__init__(self)
        length = config.max_position_embeddings
        self.word_embeddings = nn.Embedding(config.vocab_size, config.hidden_size, padding_idx=config.pad_token_id)
        self.position_embeddings = nn.Embedding(length, config.hidden_size)
        self.LayerNorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.dropout = nn.Dropout(config.hidden_dropout_prob)
        self.register_buffer("position_ids", torch.arange(length).expand((1, -1)), persistent=False)

    def forward(self, input_ids, position_ids=None, past=0):
        if position_ids is None:
            position_ids = self.position_ids[:, past : input_ids.shape[1] + past]
        x = self.word_embeddings(input_ids)
        places = self.position_embeddings(position_ids)
        x += places
        x = self.LayerNorm(x)
        return self.dropout(x)


class BlipTextSelfAttention(nn.Module):
    """Attention to the text, or to the image; a cache, where there is one, keeps both."""

    def __init__(self, config, layer, cross):
        super().__init__()
        self.layer, self.cross = layer, cross
        size = config.hidden_size
        source = config.encoder_hidden_size if cross else size
        self.head_dim = size // config.num_attention_heads
        self.query = nn.Linear(size, size)
        self.key = nn.Linear(source, size)
        self.value = nn.Linear(source, size)
        self.dropout = nn.Dropout(config.attention_probs_dropout_prob)

    def sources(self, x):
        return split_heads(self.key(x), self.head_dim), split_heads(self.value(x), self.head_dim)

    def forward(self, x, mask=None, memory=None, cache=None, writes=False):
        query = split_heads(self.query(x), self.head_dim)
        if self.cross and writes:
            key, value = keep_crossed(lambda: self.sources(memory), cache, self.layer)
        else:
            key, value = self.sources(x if memory is None else memory)
            if writes:
                key, value = keep(key, value, cache, self.layer)
        scores = torch.matmul(query, key.transpose(-1, -2))
        scores = scores / math.sqrt(self.head_dim)
        if mask is not None:
            scores = scores + mask
        weights = F.softmax(scores, dim=-1)
        dropped = self.dropout(weights)
        mixed = torch.matmul(dropped, value)
        mixed = mixed.permute(0, 2, 1, 3).contiguous()
        return mixed.view(*x.shape[:-1], -1), weights


class BlipTextAttention(nn.Module):
    def __init__(self, config, layer, cross=False):
        super().__init__()
        self.self = BlipTextSelfAttention(config, layer, cross)
        self.output = ResidualOutput(config, config.hidden_size)

    def forward(self, x, *args):
        out, weights = self.self(x, *args)
        out = self.output(out, x)
        return out, weights


class BlipTextLayer(Block):
    positional = 2

    def __init__(self, config, layer):
        super().__init__()
        self.attention = BlipTextAttention(config, layer)
        if config.is_decoder:
            self.crossattention = BlipTextAttention(config, layer, cross=True)
        self.intermediate = Intermediate(config)
        self.output = ResidualOutput(config, config.intermediate_size)

    def forward(self, x, memory=None, mask=None, memory_mask=None, cache=None, writes=False):
        x, weights = self.attention(x, mask, None, cache, writes)
        if memory is not None:
            x, weights = self.crossattention(x, memory_mask, memory, cache, writes)
        inner = self.intermediate(x)
        return self.output(inner, x)


class BlipTextEncoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.layer = nn.ModuleList([BlipTextLayer(config, i) for i in range(config.num_hidden_layers)])

    def forward(self, x, *args):
        for layer in self.layer:
            x = layer(x, *args)
        return x


class BlipTextModel(Model):
    """Reads a text, or writes one where `writes` says so."""

    def __init__(self, config, pooling=True):
        super().__init__(config)
        self.embeddings = BlipTextEmbeddings(config)
        self.encoder = BlipTextEncoder(config)
        self.pooler = Pooler(config) if pooling else None

    def forward(self, input_ids=None, attention_mask=None, position_ids=None, encoder_hidden_states=None, encoder_attention_mask=None, past_key_values=None, use_cache=None, is_decoder=False, **kwargs):
        cache = past_key_values
        if cache is None and is_decoder and self.caches(use_cache):
            cache = Cache()
        x = self.embeddings(input_ids, position_ids, 0 if cache is None else cache.length())
        config, memory = self.config, encoder_hidden_states
        mask = decoder_mask(config, x, attention_mask, None, cache) if is_decoder else padding_mask(config, x, attention_mask)
        memory_mask = None if encoder_attention_mask is None else cross_mask(config, x, encoder_attention_mask, memory)
        x = self.encoder(x, memory, mask, memory_mask, cache, is_decoder)
        return Output(last_hidden_state=x, pooler_output=None if self.pooler is None else self.pooler(x), past_key_values=cache)


class BlipTextLMHeadModel(Model):
    def __init__(self, config):
        super().__init__(config)
        self.bert = BlipTextModel(config, pooling=False)
        self.cls = MaskedHead(config)
        if config.tie_word_embeddings:
            self.cls.predictions.tie(self.bert.embeddings.word_embeddings.weight)

    def forward(self, input_ids=None, labels=None, use_cache=None, logits_to_keep=0, is_decoder=True, **kwargs):
        out = self.bert(input_ids, use_cache=use_cache if labels is None else False, is_decoder=is_decoder, **kwargs)
        logits = self.cls(out.last_hidden_state[:, -logits_to_keep:, :])
        loss = None
        if labels is not None:
            shifted = logits[:, :-1, :].contiguous()
            wanted = labels[:, 1:].contiguous().to(shifted.device)
            loss = F.cross_entropy(shifted.view(-1, self.config.vocab_size), wanted.view(-1), label_smoothing=self.config.label_smoothing)
        return Output(loss=loss, logits=logits, past_key_values=out.past_key_values)


class Pictured(Model):
    """A model of a text and an image."""

    def inputs(self):
        size = self.config.vision_config.image_size
        return {"input_ids": "int64[B, T]", "pixel_values": f"float32[B, 3, {size}, {size}]"}


class BlipModel(Pictured):
    def __init__(self, config):
        super().__init__(config)
        text, vision = config.text_config, config.vision_config
        self.text_model = BlipTextModel(text)
        self.vision_model = BlipVisionModel(vision)
        self.visual_projection = nn.Linear(vision.hidden_size, config.projection_dim, bias=False)
        self.text_projection = nn.Linear(text.hidden_size, config.projection_dim, bias=False)
        self.logit_scale = nn.Parameter(torch.tensor(config.logit_scale_init_value))

    def forward(self, input_ids=None, pixel_values=None, attention_mask=None, position_ids=None, return_loss=None, **kwargs):
        seen = self.vision_model(pixel_values)
        read = self.text_model(input_ids, attention_mask, position_ids)
        images = self.visual_projection(seen.pooler_output)
        texts = self.text_projection(read.pooler_output)
        images = images / images.norm(p=2, dim=-1, keepdim=True)
        texts = texts / texts.norm(p=2, dim=-1, keepdim=True)
        similarity = torch.matmul(texts, images.t()) * self.logit_scale.exp()
        loss = None
        if return_loss:
            losses = [F.cross_entropy(one, torch.arange(len(one), device=one.device)) for one in (similarity, similarity.T)]
            loss = (losses[0] + losses[1]) / 2.0
        return Output(loss=loss, logits_per_image=similarity.t(), logits_per_text=similarity, text_embeds=texts, image_embeds=images, text_model_output=read, vision_model_output=seen)


class BlipForConditionalGeneration(Pictured):
    """Writes what the image shows; its answer leaves out the cache."""

    def __init__(self, config):
        super().__init__(config)
        self.vision_model = BlipVisionModel(config.vision_config)
        self.text_decoder = BlipTextLMHeadModel(config.text_config)

    def forward(self, pixel_values=None, input_ids=None, attention_mask=None, labels=None, logits_to_keep=0, **kwargs):
        seen = self.vision_model(pixel_values).last_hidden_state
        out = self.text_decoder(input_ids, labels, attention_mask=attention_mask, encoder_hidden_states=seen, logits_to_keep=logits_to_keep, **kwargs)
        return Output(loss=out.loss, logits=out.logits, image_embeds=seen)


class BlipForQuestionAnswering(Pictured):
    def __init__(self, config):
        super().__init__(config)
        self.vision_model = BlipVisionModel(config.vision_config)
        self.text_encoder = BlipTextModel(config.text_config, pooling=False)
        self.text_decoder = BlipTextLMHeadModel(config.text_config)

    def inputs(self):
        return {**super().inputs(), "decoder_input_ids": "int64[B, T]"}

    def targets(self):
        return {"labels": "int64[B, T]"}

    def forward(self, input_ids=None, pixel_values=None, decoder_input_ids=None, decoder_attention_mask=None, attention_mask=None, labels=None, **kwargs):
        if labels is None and decoder_input_ids is None:
            raise ValueError("neither labels nor decoder_input_ids are given")
        seen = self.vision_model(pixel_values).last_hidden_state
        question = self.text_encoder(input_ids, attention_mask, encoder_hidden_states=seen).last_hidden_state
        answer = labels if decoder_input_ids is None else decoder_input_ids
        out = self.text_decoder(answer, labels, attention_mask=decoder_attention_mask, encoder_hidden_states=question, encoder_attention_mask=attention_mask)
        return Output(loss=None if labels is None else out.loss.mean(), image_embeds=seen)


class BlipForImageTextRetrieval(Pictured):
    """How well a text fits an image: looked at together, or by the angle between their vectors."""

    def __init__(self, config):
        super().__init__(config)
        text, vision = config.text_config, config.vision_config
        self.vision_model = BlipVisionModel(vision)
        self.text_encoder = BlipTextModel(text, pooling=False)
        self.vision_proj = nn.Linear(vision.hidden_size, config.image_text_hidden_size)
        self.text_proj = nn.Linear(text.hidden_size, config.image_text_hidden_size)
        self.itm_head = nn.Linear(text.hidden_size, 2)

    def forward(self, input_ids=None, pixel_values=None, use_itm_head=True, attention_mask=None, **kwargs):
        seen = self.vision_model(pixel_values).last_hidden_state
        read = self.text_encoder(input_ids, attention_mask, encoder_hidden_states=seen if use_itm_head else None).last_hidden_state
        if use_itm_head:
            score = self.itm_head(read[:, 0, :])
        else:
            images = F.normalize(self.vision_proj(seen[:, 0, :]), dim=-1)
            texts = F.normalize(self.text_proj(read[:, 0, :]), dim=-1)
            score = images @ texts.t()
        return Output(itm_score=score, last_hidden_state=seen, question_embeds=read)
