"""causal_conv1d: a depthwise convolution over the positions before."""
import torch
import torch.nn.functional as F

def causal_conv1d_fn(x, weight, bias=None, seq_idx=None, initial_states=None, return_final_states=False, final_states_out=None, activation=None):
    width, length = weight.shape[1], x.shape[-1]
    if initial_states is None:
        out = F.conv1d(x, weight.unsqueeze(1), bias, padding=width - 1, groups=x.shape[1])[..., :length]
    else:
        out = F.conv1d(torch.cat([initial_states, x], dim=-1), weight.unsqueeze(1), bias, groups=x.shape[1])[..., :length]
    if activation in ("silu", "swish"):
        out = F.silu(out)
    if return_final_states:
        return out, F.pad(x, (width - 1 - length, 0))
    return out

def causal_conv1d_update(x, conv_state, weight, bias=None, activation=None, cache_seqlens=None, conv_state_indices=None):
    single = x.dim() == 2
    if single:
        x = x.unsqueeze(-1)
    joined = torch.cat([conv_state, x], dim=-1)
    conv_state.copy_(joined[:, :, -conv_state.shape[-1] :])
    out = F.conv1d(joined, weight.unsqueeze(1), bias, groups=x.shape[1])[:, :, -x.shape[-1] :]
    if activation in ("silu", "swish"):
        out = F.silu(out)
    return out.squeeze(-1) if single else out
