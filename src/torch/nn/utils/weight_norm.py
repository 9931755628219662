"""Weights as length times direction, recomputed before each forward: Salimans and Kingma, arXiv 1602.07868."""

import torch
from torch._native import Parameter


class WeightNorm:
    def __init__(self, name, dim):
        self.name = name
        self.dim = -1 if dim is None else dim

    def compute_weight(self, module):
        length = getattr(module, self.name + "_g")
        direction = getattr(module, self.name + "_v")
        return scaled(direction, length, self.dim)

    @staticmethod
    def apply(module, name, dim):
        for hook in module._forward_pre_hooks.values():
            if isinstance(hook, WeightNorm) and hook.name == name:
                raise RuntimeError(f"Cannot register two weight_norm hooks on the same parameter {name}")
        norm = WeightNorm(name, dim)
        weight = getattr(module, name)
        del module._parameters[name]
        module.register_parameter(name + "_g", Parameter(norm_except_dim(weight, norm.dim).data))
        module.register_parameter(name + "_v", Parameter(weight.data))
        setattr(module, name, norm.compute_weight(module))
        module.register_forward_pre_hook(norm)
        return norm

    def remove(self, module):
        weight = self.compute_weight(module)
        delattr(module, self.name)
        del module._parameters[self.name + "_g"]
        del module._parameters[self.name + "_v"]
        setattr(module, self.name, Parameter(weight.data))

    def __call__(self, module, inputs):
        setattr(module, self.name, self.compute_weight(module))


def norm_except_dim(weight, dim):
    """The length of each slice along one axis; of the whole where `dim` is -1."""
    if dim == -1:
        return weight.norm(2)
    return weight.norm(2, [axis for axis in range(weight.dim()) if axis != dim], keepdim=True)


def scaled(direction, length, dim):
    """The weight. PyTorch has a fused kernel where the slices lie along the first or the last axis."""
    if dim in (0, direction.dim() - 1):
        return torch._weight_norm(direction, length, dim)
    return direction * (length / norm_except_dim(direction, dim))


def weight_norm(module, name="weight", dim=0):
    WeightNorm.apply(module, name, dim)
    return module


def remove_weight_norm(module, name="weight"):
    for key, hook in module._forward_pre_hooks.items():
        if isinstance(hook, WeightNorm) and hook.name == name:
            hook.remove(module)
            del module._forward_pre_hooks[key]
            return module
    raise ValueError(f"weight_norm of '{name}' not found in {module}")
