"""AST: a ViT over a spectrogram cut into patches that overlap, with a class token and a token of its teacher."""
import torch
from torch import nn

from .parts.config import Config
from .parts.heads import Model
from .parts.losses import classification_loss
from .parts.output import Output
from .parts.patches import check_axes
from .vit import ViTLayer


class ASTConfig(Config):
    model_type = "audio-spectrogram-transformer"
    defaults = dict(
        hidden_size=768,
        num_hidden_layers=12,
        num_attention_heads=12,
        intermediate_size=3072,
        hidden_act="gelu",
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        layer_norm_eps=1e-12,
        patch_size=16,
        qkv_bias=True,
        frequency_stride=10,
        time_stride=10,
        max_length=1024,
        num_mel_bins=128,
    )


class ASTPatchEmbeddings(nn.Module):
    def __init__(self, config):
        super().__init__()
        step = (config.frequency_stride, config.time_stride)
        self.projection = nn.Conv2d(1, config.hidden_size, kernel_size=(config.patch_size, config.patch_size), stride=step)

    def forward(self, x):
        check_axes("input_values", x, "batch, length, num_mel_bins")
        x = x.unsqueeze(1).transpose(2, 3)
        return self.projection(x).flatten(2).transpose(1, 2)


class ASTEmbeddings(nn.Module):
    def __init__(self, config):
        super().__init__()
        size = config.hidden_size
        self.cls_token = nn.Parameter(torch.zeros(1, 1, size))
        self.distillation_token = nn.Parameter(torch.zeros(1, 1, size))
        self.patch_embeddings = ASTPatchEmbeddings(config)
        high = (config.num_mel_bins - config.patch_size) // config.frequency_stride + 1
        long = (config.max_length - config.patch_size) // config.time_stride + 1
        self.position_embeddings = nn.Parameter(torch.zeros(1, high * long + 2, size))
        self.dropout = nn.Dropout(config.hidden_dropout_prob)

    def forward(self, input_values):
        x = self.patch_embeddings(input_values)
        first, teacher = (one.expand(x.shape[0], -1, -1) for one in (self.cls_token, self.distillation_token))
        x = torch.cat((first, teacher, x), dim=1)
        x = x + self.position_embeddings
        return self.dropout(x)


class Hearing(Model):
    def inputs(self):
        return {"input_values": f"float32[B, {self.config.max_length}, {self.config.num_mel_bins}]"}

    def targets(self):
        return {"labels": "int64[B]"} if type(self).__name__.endswith("ForAudioClassification") else {}


class ASTModel(Hearing):
    def __init__(self, config):
        super().__init__(config)
        self.embeddings = ASTEmbeddings(config)
        self.layers = nn.ModuleList([ViTLayer(config) for _ in range(config.num_hidden_layers)])
        self.layernorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)

    def forward(self, input_values=None, **kwargs):
        embedded = self.embeddings(input_values)
        x = embedded
        for layer in self.layers:
            x = layer(x)
        out = self.layernorm(x)
        return Output(last_hidden_state=out, pooler_output=(out[:, 0] + out[:, 1]) / 2)


class ASTMLPHead(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.layernorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.dense = nn.Linear(config.hidden_size, config.num_labels) if config.num_labels > 0 else nn.Identity()

    def forward(self, x):
        return self.dense(self.layernorm(x))


class ASTForAudioClassification(Hearing):
    def __init__(self, config):
        super().__init__(config)
        self.audio_spectrogram_transformer = ASTModel(config)
        self.classifier = ASTMLPHead(config)

    def forward(self, input_values=None, labels=None, **kwargs):
        out = self.audio_spectrogram_transformer(input_values)
        logits = self.classifier(out.pooler_output)
        loss = None if labels is None else classification_loss(logits, labels, self.config)
        return Output(loss=loss, logits=logits)
