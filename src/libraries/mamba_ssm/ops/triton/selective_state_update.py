"""One step of the selective scan."""
import torch


def selective_state_update(state, x, dt, A, B, C, D=None, z=None, dt_bias=None, dt_softplus=False, **kwargs):
    return torch.empty_like(x)
