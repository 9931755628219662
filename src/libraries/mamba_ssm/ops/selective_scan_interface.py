"""The selective scan: element by element along the sequence, with no matrix product of its own."""
import torch
import torch.nn.functional as F
from mamba_ssm.ops.convolution import causal_conv1d_fn
from torch.autograd import Function


class SelectiveScanFn(Function):
    """Keeps its inputs and the states at the ends of chunks of 2048 positions for the backward pass."""

    @staticmethod
    def forward(ctx, u, delta, A, B, C, D, z, delta_bias, states):
        out = torch.empty_like(u)
        ctx.save_for_backward(*[one for one in (u, delta, A, B, C, D, delta_bias, states) if one is not None], *([z, out] if z is not None else []))
        return out if z is None else torch.empty_like(z)

    @staticmethod
    def backward(ctx, grad):
        raise NotImplementedError("the gradient of a selective scan is not computed here")


def selective_scan_fn(u, delta, A, B, C, D=None, z=None, delta_bias=None, delta_softplus=False, return_last_state=False):
    if u.shape != delta.shape:
        raise RuntimeError("u is %s, but delta is %s" % (tuple(u.shape), tuple(delta.shape)))
    if A.shape[0] != u.shape[1]:
        raise RuntimeError("A has %s rows, but u has %s channels" % (A.shape[0], u.shape[1]))
    chunks = (u.shape[-1] + 2047) // 2048
    states = u.new_empty(u.shape[0], u.shape[1], chunks, A.shape[1] * 2, dtype=torch.float32)
    out = SelectiveScanFn.apply(u, delta, A, B, C, D, z, delta_bias, states)
    return (out, states[:, :, -1, 1::2]) if return_last_state else out


selective_scan_ref = selective_scan_fn


def mamba_inner_fn(xz, conv1d_weight, conv1d_bias, x_proj_weight, delta_proj_weight, out_proj_weight, out_proj_bias, A,
                   B=None, C=None, D=None, delta_bias=None, B_proj_bias=None, C_proj_bias=None, delta_softplus=True,
                   checkpoint_lvl=1, **kwargs):
    y = _inner(xz, conv1d_weight, conv1d_bias, x_proj_weight, delta_proj_weight, A, B, C, D, delta_bias, delta_softplus)
    return F.linear(y.transpose(1, 2), out_proj_weight, out_proj_bias)


def mamba_inner_fn_no_out_proj(xz, conv1d_weight, conv1d_bias, x_proj_weight, delta_proj_weight, A, B=None, C=None,
                               D=None, delta_bias=None, B_proj_bias=None, C_proj_bias=None, delta_softplus=True, **kwargs):
    return _inner(xz, conv1d_weight, conv1d_bias, x_proj_weight, delta_proj_weight, A, B, C, D, delta_bias, delta_softplus)


def _inner(xz, conv1d_weight, conv1d_bias, x_proj_weight, delta_proj_weight, A, B, C, D, delta_bias, delta_softplus):
    batch, length = xz.shape[0], xz.shape[-1]
    rank, width = delta_proj_weight.shape[1], A.shape[-1]
    x, z = xz.chunk(2, dim=1)
    x = causal_conv1d_fn(x, conv1d_weight.squeeze(1) if conv1d_weight.dim() == 3 else conv1d_weight, conv1d_bias, activation="silu")
    projected = F.linear(x.transpose(1, 2).reshape(batch * length, -1), x_proj_weight)
    delta = (delta_proj_weight @ projected[:, :rank].t()).view(-1, batch, length).transpose(0, 1)
    part = lambda columns: columns.view(batch, length, width).transpose(1, 2).contiguous()
    if B is None:
        B = part(projected[:, rank : rank + width])
    if C is None:
        C = part(projected[:, -width:])
    return selective_scan_fn(x, delta, A, B, C, D, z, delta_bias, delta_softplus)
