"""Falcon Mamba: Mamba whose step, input and output are normalised, by weights of one."""
import torch
from torch import nn

from .mamba import MambaBlock, MambaConfig, MambaForCausalLM, MambaMixer, MambaModel


class FalconMambaConfig(MambaConfig):
    model_type = "falcon_mamba"
    defaults = dict(MambaConfig.defaults, mixer_rms_eps=1e-6)


class WeightlessRMSNorm(nn.Module):
    """Division by the root of the mean square, in float32; its buffer of ones is not used."""

    def __init__(self, size, eps):
        super().__init__()
        self.eps = eps
        self.register_buffer("weight", torch.ones(size), persistent=False)

    def forward(self, x):
        wide = x.float()
        return (wide * torch.rsqrt(wide.pow(2).mean(-1, keepdim=True) + self.eps)).type_as(x)


class FalconMambaMixer(MambaMixer):
    def __init__(self, config, layer):
        super().__init__(config, layer)
        self.dt_layernorm = WeightlessRMSNorm(config.intermediate_size, config.mixer_rms_eps)
        self.b_layernorm = WeightlessRMSNorm(config.state_size, config.mixer_rms_eps)
        self.c_layernorm = WeightlessRMSNorm(config.state_size, config.mixer_rms_eps)

    def chosen(self, step, inward, outward):
        return self.dt_layernorm(step), self.b_layernorm(inward), self.c_layernorm(outward)


class FalconMambaBlock(MambaBlock):
    mixer_class = FalconMambaMixer


class FalconMambaModel(MambaModel):
    block_class = FalconMambaBlock


class FalconMambaForCausalLM(MambaForCausalLM):
    base = FalconMambaModel
