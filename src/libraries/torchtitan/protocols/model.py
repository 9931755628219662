"""What a model says of itself: its sizes, and how its weights begin."""
from dataclasses import dataclass
from typing import Any

from torch import nn

from .module import Module

AttentionMasksType = Any


@dataclass
class BaseModelArgs:
    _enforced: str = "This field is used to enforce all fields have defaults."

    def update_from_config(self, job_config, **kwargs):
        pass

    def get_nparams_and_flops(self, model, seq_len):
        pass


class ModelProtocol(nn.Module):
    def __init__(self, model_args):
        super().__init__()

    def init_weights(self, buffer_device=None):
        pass

    def get_attention_masks(self, input_batch, tokenizer, extra_inputs=None):
        raise NotImplementedError("This model does not support attention masking/Flex Attention.")


class BaseModel(Module):
    @dataclass(kw_only=True)
    class Config(Module.Config):
        def update_from_config(self, *, config, **kwargs):
            pass

        def get_nparams_and_flops(self, model, seq_len):
            pass

    def init_weights(self, **kwargs):
        pass

    def verify_module_protocol(self):
        pass
