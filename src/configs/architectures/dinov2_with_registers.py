"""DINOv2 with registers: DINOv2 with tokens that are no patches and are not read."""
from .dinov2 import Dinov2Config, Dinov2ForImageClassification, Dinov2Model


class Dinov2WithRegistersConfig(Dinov2Config):
    model_type = "dinov2_with_registers"
    defaults = dict(Dinov2Config.defaults, patch_size=16, num_register_tokens=4)


class Dinov2WithRegistersModel(Dinov2Model):
    pass


class Dinov2WithRegistersForImageClassification(Dinov2ForImageClassification):
    base, name = Dinov2WithRegistersModel, "dinov2_with_registers"
