"""What layers without attention carry from token to token: the last inputs of a convolution, and a recurrent state."""
import torch

from assay import kv_state


def conv_inputs(cache, layer, x, kernel):
    """The inputs of a layer's convolution, `[B, C, T]`, those of earlier tokens before them; the last `kernel` are kept."""
    kv_state(x, kernel)
    if layer in cache.convolved:
        whole = torch.cat([cache.convolved[layer], x], dim=-1)
    else:
        cache.convolved[layer] = torch.zeros((*x.shape[:-1], kernel), dtype=x.dtype, device=x.device)
        missing = kernel - x.shape[-1]
        whole = torch.nn.functional.pad(x, (missing, 0)) if missing > 0 else x
    cache.convolved[layer].copy_(whole[..., -kernel:])
    return whole


def keep_state(cache, layer, state):
    """Keeps a copy of a layer's recurrent state after the tokens of this call."""
    kv_state(state)
    if layer not in cache.recurrent:
        cache.recurrent[layer] = torch.zeros_like(state)
    cache.recurrent[layer].copy_(state)


def started(cache, layer):
    """Whether the layer has a state of earlier tokens."""
    return cache is not None and layer in cache.recurrent
