"""What a quantizer is."""


class HfQuantizer:
    def __init__(self, quantization_config, **kwargs):
        self.quantization_config = quantization_config
