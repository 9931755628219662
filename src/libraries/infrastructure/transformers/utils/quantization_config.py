"""How weights may be quantized: the names, and settings kept as they are given. Quantized layers are not followed."""
from enum import Enum

from _assay import unknown as _unknown


class QuantizationMethod(str, Enum):
    BITS_AND_BYTES = "bitsandbytes"
    GPTQ = "gptq"
    AWQ = "awq"
    AQLM = "aqlm"
    VPTQ = "vptq"
    QUANTO = "quanto"
    EETQ = "eetq"
    HIGGS = "higgs"
    HQQ = "hqq"
    COMPRESSED_TENSORS = "compressed-tensors"
    FBGEMM_FP8 = "fbgemm_fp8"
    TORCHAO = "torchao"
    BITNET = "bitnet"
    SPQR = "spqr"
    FP8 = "fp8"
    QUARK = "quark"
    FPQUANT = "fp_quant"
    AUTOROUND = "auto-round"
    MXFP4 = "mxfp4"


class QuantizationConfigMixin:
    quant_method = None

    def __init__(self, *args, **kwargs):
        self.__dict__.update(kwargs)

    @classmethod
    def from_dict(cls, config_dict, return_unused_kwargs=False, **kwargs):
        made = cls(**config_dict)
        return (made, kwargs) if return_unused_kwargs else made

    def to_dict(self):
        return dict(self.__dict__)

    def update(self, **kwargs):
        self.__dict__.update(kwargs)
        return {}


class BitsAndBytesConfig(QuantizationConfigMixin):
    quant_method = QuantizationMethod.BITS_AND_BYTES


class GPTQConfig(QuantizationConfigMixin):
    quant_method = QuantizationMethod.GPTQ


class AwqConfig(GPTQConfig):
    quant_method = QuantizationMethod.AWQ


def __getattr__(name):
    return _unknown(f"quantization by {name}")
