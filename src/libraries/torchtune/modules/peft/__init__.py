"""Adapters beside frozen weights."""
from contextlib import contextmanager
from enum import Enum
from typing import Literal, Protocol, runtime_checkable

import torch
from _assay import unknown as _unknown
from torch import nn
from torch.nn import functional as F

LORA_ATTN_MODULES = Literal["q_proj", "k_proj", "v_proj", "output_proj"]


class TrainableParams(Enum):
    FULL = "full"
    LORA = "lora"
    FROZEN = "frozen"


@runtime_checkable
class AdapterModule(Protocol):
    def adapter_params(self):
        ...


class _Adapted(nn.Module):
    """A weight as of a Linear, with two narrow ones beside it."""

    def __init__(self, in_dim, out_dim, rank, alpha, dropout=0.0, use_bias=False, quantize_base=False, **quantization):
        super().__init__()
        if not quantize_base and any(quantization.values()):
            raise ValueError("``quantize_base`` is False, but received the following quantization arguments: %s" % quantization)
        self.in_dim, self.out_dim, self.rank, self.alpha = in_dim, out_dim, rank, alpha
        self.use_bias, self._quantize_base = use_bias, quantize_base
        base = nn.Linear(in_dim, out_dim, bias=use_bias)
        self.disabled, self.merged = False, False
        self.register_parameter("weight", nn.Parameter(base.weight))
        self.register_parameter("bias", nn.Parameter(base.bias) if use_bias else None)
        self.dropout = nn.Dropout(p=dropout) if dropout > 0.0 else nn.Identity()
        self.lora_a = nn.Linear(in_dim, rank, bias=False)
        self.lora_b = nn.Linear(rank, out_dim, bias=False)
        if quantize_base:
            _unknown("a weight in nf4 is counted in the type it had before")(self.weight)

    def initialize_parameters(self):
        nn.init.kaiming_uniform_(self.lora_a.weight, a=5 ** 0.5)
        nn.init.zeros_(self.lora_b.weight)


class LoRALinear(_Adapted):
    def adapter_params(self):
        return ["lora_a.weight", "lora_b.weight"]

    def forward(self, x):
        out = F.linear(x, self.weight, self.bias)
        if self.disabled:
            return out
        return out + (self.alpha / self.rank) * self.lora_b(self.lora_a(self.dropout(x)))


class DoRALinear(_Adapted):
    """The same, and the length of each row of the whole weight is learned by itself."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.scaling = self.alpha / self.rank
        self.magnitude = nn.Parameter(torch.empty(self.out_dim))

    def adapter_params(self):
        return ["lora_a.weight", "lora_b.weight", "magnitude"]

    def initialize_dora_magnitude(self):
        pass

    def forward(self, x):
        out = F.linear(x, self.weight, self.bias)
        if self.disabled:
            return out
        x = self.dropout(x)
        learned = self.lora_b(self.lora_a(x))
        unit = torch.eye(self.lora_a.weight.shape[1], device=x.device, dtype=x.dtype)
        change = self.lora_b(self.lora_a(unit)).T.detach()
        rows = self.weight.to(x.dtype) + self.scaling * change
        lengths = torch.linalg.norm(rows, dim=1).to(rows.dtype).detach()
        scale = (self.magnitude / lengths).view(1, -1)
        return (scale - 1) * out + scale * learned * self.scaling + out


def get_adapter_params(model):
    found = {}
    for path, module in model.named_modules():
        if hasattr(module, "adapter_params") and callable(module.adapter_params):
            names = module.adapter_params()
            for name, parameter in module.named_parameters():
                if name in names:
                    found["%s.%s" % (path, name) if path else name] = parameter
    return found


def set_trainable_params(model, adapter_params):
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(name in adapter_params)


def get_lora_module_names(lora_attn_modules, apply_lora_to_mlp, apply_lora_to_output):
    names = list(lora_attn_modules)
    if apply_lora_to_mlp:
        names += ["w1", "w2", "w3"]
    return names + ["output"] if apply_lora_to_output else names


def get_adapter_state_dict(state_dict, device="cpu"):
    return {name: value for name, value in state_dict.items() if "lora" in name or "magnitude" in name}


@contextmanager
def disable_adapter(model):
    adapted = [module for module in model.modules() if isinstance(module, _Adapted)]
    for module in adapted:
        module.disabled = True
    try:
        yield
    finally:
        for module in adapted:
            module.disabled = False
