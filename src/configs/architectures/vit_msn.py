"""ViT-MSN: ViT without a pooler."""
from .vit import ViTConfig, ViTForImageClassification, ViTModel


class ViTMSNConfig(ViTConfig):
    model_type = "vit_msn"
    defaults = dict(ViTConfig.defaults, layer_norm_eps=1e-6)


class ViTMSNModel(ViTModel):
    def __init__(self, config, pooling=False, masking=False):
        super().__init__(config, False, masking)


class ViTMSNForImageClassification(ViTForImageClassification):
    base = ViTMSNModel
