"""DeiT: ViT with a second token that learns from a teacher."""
import torch
from torch import nn

from .parts.output import Output
from .parts.patches import masked_patches, resized_positions
from .vit import ViTConfig, ViTEmbeddings, ViTForImageClassification, ViTForMaskedImageModeling, ViTModel


class DeiTConfig(ViTConfig):
    model_type = "deit"


class DeiTEmbeddings(ViTEmbeddings):
    def __init__(self, config, masking=False):
        super().__init__(config, masking)
        size = config.hidden_size
        self.position_embeddings = nn.Parameter(torch.zeros(1, self.patch_embeddings.num_patches + 2, size))
        self.distillation_token = nn.Parameter(torch.zeros(1, 1, size))

    def forward(self, pixel_values, bool_masked_pos=None, interpolate_pos_encoding=False):
        x = self.patch_embeddings(pixel_values)
        if bool_masked_pos is not None:
            x = masked_patches(x, self.mask_token, bool_masked_pos)
        tokens = [token.expand(x.shape[0], -1, -1) for token in (self.cls_token, self.distillation_token)]
        x = torch.cat((*tokens, x), dim=1)
        positions = self.position_embeddings
        if interpolate_pos_encoding:
            positions = resized_positions(positions, pixel_values, self.patch_embeddings.patch_size, 2)
        else:
            self.patch_embeddings.check(pixel_values)
        return self.dropout(x + positions)


class DeiTModel(ViTModel):
    embeddings_class = DeiTEmbeddings


class DeiTForMaskedImageModeling(ViTForMaskedImageModeling):
    base, name, extra = DeiTModel, "deit", 2


class DeiTForImageClassification(ViTForImageClassification):
    base, name = DeiTModel, "deit"


class DeiTForImageClassificationWithTeacher(DeiTForImageClassification):
    def __init__(self, config):
        super().__init__(config)
        del self.classifier
        self.cls_classifier = nn.Linear(config.hidden_size, config.num_labels)
        self.distillation_classifier = nn.Linear(config.hidden_size, config.num_labels)

    def forward(self, pixel_values=None, **kwargs):
        x = self.deit(pixel_values, **kwargs).last_hidden_state
        first, second = self.cls_classifier(x[:, 0, :]), self.distillation_classifier(x[:, 1, :])
        return Output(logits=(first + second) / 2, cls_logits=first, distillation_logits=second)
