"""Which quantizer a checkpoint needs."""
from _assay import unknown as _unknown


class AutoQuantizationConfig:
    @classmethod
    def from_dict(cls, quantization_config_dict):
        return _unknown("a quantization's settings")


class AutoHfQuantizer:
    @staticmethod
    def supports_quant_method(quantization_config_dict):
        return False


def get_hf_quantizer(config, quantization_config, *args, **kwargs):
    return None, config, None
