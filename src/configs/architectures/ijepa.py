"""I-JEPA: ViT without a class token, whose patches are averaged."""
import torch
from torch import nn

from .parts.losses import classification_loss
from .parts.output import Output
from .parts.patches import masked_patches, resized_positions
from .vit import ViTConfig, ViTEmbeddings, ViTForImageClassification, ViTModel


class IJepaConfig(ViTConfig):
    model_type = "ijepa"


class IJepaEmbeddings(ViTEmbeddings):
    def __init__(self, config, masking=False):
        super().__init__(config, masking)
        del self.cls_token
        self.position_embeddings = nn.Parameter(torch.randn(1, self.patch_embeddings.num_patches, config.hidden_size))

    def forward(self, pixel_values, bool_masked_pos=None, interpolate_pos_encoding=False):
        x = self.patch_embeddings(pixel_values)
        if bool_masked_pos is not None:
            x = masked_patches(x, self.mask_token, bool_masked_pos)
        positions = self.position_embeddings
        if interpolate_pos_encoding:
            positions = resized_positions(positions, pixel_values, self.patch_embeddings.patch_size, 0)
        else:
            self.patch_embeddings.check(pixel_values)
        return self.dropout(x + positions)


class IJepaModel(ViTModel):
    embeddings_class = IJepaEmbeddings

    def __init__(self, config, pooling=False, masking=False):
        super().__init__(config, pooling, masking)


class IJepaForImageClassification(ViTForImageClassification):
    base, name = IJepaModel, "ijepa"

    def forward(self, pixel_values=None, labels=None, **kwargs):
        logits = self.classifier(self.ijepa(pixel_values, **kwargs).last_hidden_state.mean(dim=1))
        loss = None if labels is None else classification_loss(logits, labels, self.config)
        return Output(loss=loss, logits=logits)
