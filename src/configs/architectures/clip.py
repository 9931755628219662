"""CLIP: a text encoder and an image encoder that meet in one space."""
import torch
from torch import nn

from .parts.block import Block
from .parts.config import Config
from .parts.heads import ImageModel, Model
from .parts.losses import classification_loss
from .parts.masks import decoder_mask
from .parts.output import Output
from .parts.vision import FeedForward, VisionAttention


class CLIPTextConfig(Config):
    model_type = "clip_text_model"
    whole_heads = True
    defaults = dict(
        vocab_size=49408,
        hidden_size=512,
        intermediate_size=2048,
        projection_dim=512,
        num_hidden_layers=12,
        num_attention_heads=8,
        max_position_embeddings=77,
        hidden_act="quick_gelu",
        layer_norm_eps=1e-5,
        attention_dropout=0.0,
        pad_token_id=1,
        eos_token_id=49407,
    )


class CLIPVisionConfig(Config):
    model_type = "clip_vision_model"
    whole_heads = True
    defaults = dict(
        hidden_size=768,
        intermediate_size=3072,
        projection_dim=512,
        num_hidden_layers=12,
        num_attention_heads=12,
        num_channels=3,
        image_size=224,
        patch_size=32,
        hidden_act="quick_gelu",
        layer_norm_eps=1e-5,
        attention_dropout=0.0,
    )


class CLIPConfig(Config):
    model_type = "clip"
    sub_configs = {"text_config": "clip_text_model", "vision_config": "clip_vision_model"}
    defaults = dict(text_config=None, vision_config=None, projection_dim=512, logit_scale_init_value=2.6592)


class CLIPVisionEmbeddings(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        size = config.hidden_size
        self.class_embedding = nn.Parameter(torch.randn(size))
        self.patch_embedding = nn.Conv2d(config.num_channels, size, config.patch_size, stride=config.patch_size, bias=False)
        count = (config.image_size // config.patch_size) ** 2 + 1
        self.position_embedding = nn.Embedding(count, size)
        self.register_buffer("position_ids", torch.arange(count).expand((1, -1)), persistent=False)

    def forward(self, pixel_values):
        height, width = pixel_values.shape[2:]
        if height != self.config.image_size or width != self.config.image_size:
            raise ValueError(f"the image is {height}×{width}, but image_size is {self.config.image_size}")
        x = self.patch_embedding(pixel_values.to(dtype=self.patch_embedding.weight.dtype)).flatten(2).transpose(1, 2)
        x = torch.cat([self.class_embedding.expand(x.shape[0], 1, -1), x], dim=1)
        return x + self.position_embedding(self.position_ids)


class CLIPTextEmbeddings(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.longest = config.max_position_embeddings
        self.token_embedding = nn.Embedding(config.vocab_size, config.hidden_size)
        self.position_embedding = nn.Embedding(self.longest, config.hidden_size)
        self.register_buffer("position_ids", torch.arange(self.longest).expand((1, -1)), persistent=False)

    def forward(self, input_ids):
        length = input_ids.shape[-1]
        if length > self.longest:
            raise ValueError(f"{length} tokens are more than max_position_embeddings {self.longest}")
        return self.token_embedding(input_ids) + self.position_embedding(self.position_ids[:, :length])


class CLIPEncoderLayer(Block):
    def __init__(self, config):
        super().__init__()
        self.self_attn = VisionAttention(config, out="out_proj")
        self.layer_norm1 = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.mlp = FeedForward(config)
        self.layer_norm2 = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)

    def forward(self, x, mask=None, causal=False):
        before = x
        x = self.layer_norm1(x)
        x, weights = self.self_attn(x, mask, causal)
        x = before + x
        before = x
        x = self.layer_norm2(x)
        x = self.mlp(x)
        return before + x


class CLIPEncoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.layers = nn.ModuleList([CLIPEncoderLayer(config) for _ in range(config.num_hidden_layers)])

    def forward(self, x, mask=None, causal=False, states=None):
        """What comes out of the last layer; `states` takes what goes into each, and that."""
        for layer in self.layers:
            if states is not None:
                states.append(x)
            x = layer(x, mask, causal)
        if states is not None:
            states.append(x)
        return x


class CLIPTextModel(Model):
    def __init__(self, config):
        super().__init__(config)
        self.embeddings = CLIPTextEmbeddings(config)
        self.encoder = CLIPEncoder(config)
        self.final_layer_norm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)

    def inputs(self):
        return {"input_ids": f"int64[B, {self.config.max_position_embeddings}]"}

    def forward(self, input_ids=None, attention_mask=None, **kwargs):
        embedded = self.embeddings(input_ids)
        x = self.encoder(embedded, decoder_mask(self.config, embedded, attention_mask), True)
        x = self.final_layer_norm(x)
        ids, end = input_ids.to(torch.int), self.config.eos_token_id
        last = ids.argmax(dim=-1) if end == 2 else (ids == end).int().argmax(dim=-1)
        return Output(last_hidden_state=x, pooler_output=x[torch.arange(x.shape[0], device=x.device), last])


class CLIPVisionModel(ImageModel):
    def __init__(self, config):
        super().__init__(config)
        self.embeddings = CLIPVisionEmbeddings(config)
        self.pre_layrnorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.encoder = CLIPEncoder(config)
        self.post_layernorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)

    def forward(self, pixel_values=None, states=None, **kwargs):
        x = self.encoder(self.pre_layrnorm(self.embeddings(pixel_values)), states=states)
        return Output(last_hidden_state=x, pooler_output=self.post_layernorm(x[:, 0, :]))


class CLIPModel(Model):
    def __init__(self, config):
        super().__init__(config)
        text, vision = config.text_config, config.vision_config
        self.text_model = CLIPTextModel(text)
        self.vision_model = CLIPVisionModel(vision)
        self.visual_projection = nn.Linear(vision.hidden_size, config.projection_dim, bias=False)
        self.text_projection = nn.Linear(text.hidden_size, config.projection_dim, bias=False)
        self.logit_scale = nn.Parameter(torch.tensor(config.logit_scale_init_value))

    def inputs(self):
        return {**self.text_model.inputs(), **self.vision_model.inputs()}

    def forward(self, input_ids=None, pixel_values=None, attention_mask=None, return_loss=None, **kwargs):
        seen = self.vision_model(pixel_values)
        read = self.text_model(input_ids, attention_mask)
        images = self.visual_projection(seen.pooler_output)
        texts = self.text_projection(read.pooler_output)
        images, texts = (one / one.pow(2).sum(dim=-1, keepdim=True).pow(0.5) for one in (images, texts))
        similarity = torch.matmul(texts, images.t()) * self.logit_scale.exp()
        loss = None
        if return_loss:
            both = (similarity, similarity.t())
            loss = sum(nn.functional.cross_entropy(one, torch.arange(len(one), device=one.device)) for one in both) / 2.0
        return Output(loss=loss, logits_per_image=similarity.t(), logits_per_text=similarity, text_embeds=texts, image_embeds=images, text_model_output=read, vision_model_output=seen)


class CLIPTextModelWithProjection(Model):
    def __init__(self, config):
        super().__init__(config)
        self.text_model = CLIPTextModel(config)
        self.text_projection = nn.Linear(config.hidden_size, config.projection_dim, bias=False)

    def inputs(self):
        return self.text_model.inputs()

    def forward(self, input_ids=None, attention_mask=None, **kwargs):
        out = self.text_model(input_ids, attention_mask)
        return Output(text_embeds=self.text_projection(out.pooler_output), last_hidden_state=out.last_hidden_state)


class CLIPVisionModelWithProjection(ImageModel):
    def __init__(self, config):
        super().__init__(config)
        self.vision_model = CLIPVisionModel(config)
        self.visual_projection = nn.Linear(config.hidden_size, config.projection_dim, bias=False)

    def forward(self, pixel_values=None, **kwargs):
        out = self.vision_model(pixel_values)
        return Output(image_embeds=self.visual_projection(out.pooler_output), last_hidden_state=out.last_hidden_state)


class CLIPForImageClassification(ImageModel):
    def __init__(self, config):
        super().__init__(config)
        self.vision_model = CLIPVisionModel(config.vision_config)
        size = config.vision_config.hidden_size
        self.classifier = nn.Linear(size, config.num_labels) if config.num_labels > 0 else nn.Identity()

    def forward(self, pixel_values=None, labels=None, **kwargs):
        x = self.vision_model(pixel_values).last_hidden_state
        logits = self.classifier(torch.mean(x[:, 1:, :], dim=1))
        loss = None if labels is None else classification_loss(logits, labels, self.config)
        return Output(loss=loss, logits=logits)
