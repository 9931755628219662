"""SigLIP: CLIP trained by pairs, whose image encoder pools by attention."""
import torch
from torch import nn

from .clip import CLIPEncoder, CLIPTextEmbeddings
from .parts.config import Config
from .parts.heads import ImageModel, Model
from .parts.losses import classification_loss
from .parts.masks import padding_mask
from .parts.output import Output
from .parts.vision import FeedForward


class SiglipTextConfig(Config):
    model_type = "siglip_text_model"
    defaults = dict(
        vocab_size=32000,
        hidden_size=768,
        intermediate_size=3072,
        num_hidden_layers=12,
        num_attention_heads=12,
        max_position_embeddings=64,
        hidden_act="gelu_pytorch_tanh",
        layer_norm_eps=1e-6,
        attention_dropout=0.0,
        pad_token_id=1,
    )

    def complete(self, given):
        self.projection_size = self.hidden_size if self.projection_size is None else self.projection_size


class SiglipVisionConfig(Config):
    model_type = "siglip_vision_model"
    defaults = dict(
        hidden_size=768,
        intermediate_size=3072,
        num_hidden_layers=12,
        num_attention_heads=12,
        num_channels=3,
        image_size=224,
        patch_size=16,
        hidden_act="gelu_pytorch_tanh",
        layer_norm_eps=1e-6,
        attention_dropout=0.0,
        vision_use_head=True,
    )


class SiglipConfig(Config):
    model_type = "siglip"
    sub_configs = {"text_config": SiglipTextConfig, "vision_config": SiglipVisionConfig}
    defaults = dict(text_config=None, vision_config=None)


class SiglipVisionEmbeddings(nn.Module):
    def __init__(self, config):
        super().__init__()
        size = config.hidden_size
        self.patch_embedding = nn.Conv2d(config.num_channels, size, config.patch_size, stride=config.patch_size)
        count = (config.image_size // config.patch_size) ** 2
        self.position_embedding = nn.Embedding(count, size)
        self.register_buffer("position_ids", torch.arange(count).expand((1, -1)), persistent=False)

    def forward(self, pixel_values):
        x = self.patch_embedding(pixel_values.to(dtype=self.patch_embedding.weight.dtype)).flatten(2).transpose(1, 2)
        return x + self.position_embedding(self.position_ids)


class SiglipTextModel(Model):
    def __init__(self, config):
        super().__init__(config)
        self.embeddings = CLIPTextEmbeddings(config)
        self.encoder = CLIPEncoder(config)
        self.final_layer_norm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.head = nn.Linear(config.hidden_size, config.projection_size)

    def inputs(self):
        return {"input_ids": f"int64[B, {self.config.max_position_embeddings}]"}

    def forward(self, input_ids=None, attention_mask=None, **kwargs):
        embedded = self.embeddings(input_ids)
        x = self.encoder(embedded, padding_mask(self.config, embedded, attention_mask))
        x = self.final_layer_norm(x)
        return Output(last_hidden_state=x, pooler_output=self.head(x[:, -1, :]))


class SiglipPoolingHead(nn.Module):
    """One learned query looks at all patches."""

    def __init__(self, config):
        super().__init__()
        self.probe = nn.Parameter(torch.randn(1, 1, config.hidden_size))
        self.attention = nn.MultiheadAttention(config.hidden_size, config.num_attention_heads, batch_first=True)
        self.layernorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.mlp = FeedForward(config)

    def forward(self, x):
        pooled = self.attention(self.probe.repeat(x.shape[0], 1, 1), x, x)[0]
        return (pooled + self.mlp(self.layernorm(pooled)))[:, 0]


class SiglipVisionModel(ImageModel):
    def __init__(self, config):
        super().__init__(config)
        self.embeddings = SiglipVisionEmbeddings(config)
        self.encoder = CLIPEncoder(config)
        self.post_layernorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        if config.vision_use_head:
            self.head = SiglipPoolingHead(config)

    def forward(self, pixel_values=None, states=None, **kwargs):
        x = self.post_layernorm(self.encoder(self.embeddings(pixel_values), states=states))
        return Output(last_hidden_state=x, pooler_output=self.head(x) if self.config.vision_use_head else None)


class SiglipModel(Model):
    text_class = SiglipTextModel
    vision_class = SiglipVisionModel

    def __init__(self, config):
        super().__init__(config)
        self.text_model = self.text_class(config.text_config)
        self.vision_model = self.vision_class(config.vision_config)
        self.logit_scale = nn.Parameter(torch.randn(1))
        self.logit_bias = nn.Parameter(torch.randn(1))

    def inputs(self):
        return {**self.text_model.inputs(), **self.vision_model.inputs()}

    def forward(self, input_ids=None, pixel_values=None, attention_mask=None, return_loss=None, **kwargs):
        seen = self.vision_model(pixel_values, **kwargs)
        read = self.text_model(input_ids, attention_mask)
        images, texts = (one.pooler_output / one.pooler_output.norm(p=2, dim=-1, keepdim=True) for one in (seen, read))
        similarity = torch.matmul(texts, images.t()) * self.logit_scale.exp() + self.logit_bias
        loss = None
        if return_loss:
            sign = 2 * torch.eye(similarity.size(0), device=similarity.device) - torch.ones_like(similarity)
            loss = -nn.functional.logsigmoid(sign * similarity).sum(dim=-1).mean()
        return Output(loss=loss, logits_per_image=similarity.t(), logits_per_text=similarity, text_embeds=texts, image_embeds=images, text_model_output=read, vision_model_output=seen)


class SiglipForImageClassification(ImageModel):
    def __init__(self, config):
        super().__init__(config)
        self.vision_model = SiglipVisionModel(config.vision_config)
        size = config.vision_config.hidden_size
        self.classifier = nn.Linear(size, config.num_labels) if config.num_labels > 0 else nn.Identity()

    def forward(self, pixel_values=None, labels=None, **kwargs):
        x = self.vision_model(pixel_values).last_hidden_state
        logits = self.classifier(torch.mean(x, dim=1))
        loss = None if labels is None else classification_loss(logits, labels, self.config)
        return Output(loss=loss, logits=logits)
