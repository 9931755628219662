"""The compiled functions by the names under which others call them."""
from causal_conv1d.causal_conv1d_interface import causal_conv1d_fn


def causal_conv1d_fwd_function(x, weight, bias=None, seq_idx=None, initial_states=None, final_states_out=None, silu_activation=False):
    return causal_conv1d_fn(x, weight, bias, activation="silu" if silu_activation else None)


def causal_conv1d_bwd_function(*args, **kwargs):
    raise NotImplementedError("gradients are not computed here")


def causal_conv1d_update_function(x, conv_state, weight, bias=None, silu_activation=False, cache_seqlens=None, conv_state_indices=None):
    from causal_conv1d.causal_conv1d_interface import causal_conv1d_update

    return causal_conv1d_update(x, conv_state, weight, bias, "silu" if silu_activation else None)
