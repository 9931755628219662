"""The Mamba-2 layer: its parameters are known, its chunked scan's cost is not."""
import torch
from mamba_ssm.ops.convolution import causal_conv1d_fn
from mamba_ssm.ops.triton.layernorm_gated import RMSNorm as RMSNormGated
from mamba_ssm.ops.triton.ssd_combined import mamba_chunk_scan_combined
from torch import nn


class Mamba2(nn.Module):
    def __init__(self, d_model, d_state=128, d_conv=4, conv_init=None, expand=2, headdim=64, d_ssm=None, ngroups=1,
                 A_init_range=(1, 16), D_has_hdim=False, rmsnorm=True, norm_before_gate=False, dt_min=0.001, dt_max=0.1,
                 dt_init_floor=1e-4, dt_limit=(0.0, float("inf")), bias=False, conv_bias=True, chunk_size=256,
                 use_mem_eff_path=True, layer_idx=None, process_group=None, sequence_parallel=True, device=None, dtype=None):
        super().__init__()
        made = {"device": device, "dtype": dtype}
        self.d_model, self.d_state, self.headdim, self.ngroups, self.chunk_size = d_model, d_state, headdim, ngroups, chunk_size
        self.d_inner = expand * d_model
        self.d_ssm = self.d_inner if d_ssm is None else d_ssm
        self.nheads, self.rmsnorm, self.D_has_hdim = self.d_ssm // headdim, rmsnorm, D_has_hdim
        conv = self.d_ssm + 2 * ngroups * d_state
        self.in_proj = nn.Linear(d_model, 2 * self.d_inner + 2 * ngroups * d_state + self.nheads, bias=bias, **made)
        self.conv1d = nn.Conv1d(conv, conv, bias=conv_bias, kernel_size=d_conv, groups=conv, padding=d_conv - 1, **made)
        self.act = nn.SiLU()
        self.dt_bias = nn.Parameter(torch.empty(self.nheads))
        self.A_log = nn.Parameter(torch.empty(self.nheads))
        self.D = nn.Parameter(torch.ones(self.d_ssm if D_has_hdim else self.nheads))
        if rmsnorm:
            self.norm = RMSNormGated(self.d_ssm, eps=1e-5, norm_before_gate=norm_before_gate, **made)
        self.out_proj = nn.Linear(self.d_inner, d_model, bias=bias, **made)

    def forward(self, u, seqlen=None, seq_idx=None, cu_seqlens=None, inference_params=None):
        projected = self.in_proj(u)
        mlp = (projected.shape[-1] - 2 * self.d_ssm - 2 * self.ngroups * self.d_state - self.nheads) // 2
        states = self.ngroups * self.d_state
        z0, x0, z, xBC, dt = projected.split([mlp, mlp, self.d_ssm, self.d_ssm + 2 * states, self.nheads], dim=-1)
        xBC = causal_conv1d_fn(xBC.transpose(1, 2), self.conv1d.weight.squeeze(1), self.conv1d.bias, activation="silu").transpose(1, 2)
        x, B, C = xBC.split([self.d_ssm, states, states], dim=-1)
        split = lambda t, n: t.unflatten(-1, (n, -1))
        y = mamba_chunk_scan_combined(split(x, self.nheads), dt, -torch.exp(self.A_log), split(B, self.ngroups), split(C, self.ngroups),
                                      self.chunk_size, D=self.D, dt_bias=self.dt_bias, dt_softplus=True).flatten(-2)
        y = self.norm(y, z) if self.rmsnorm else y * self.act(z)
        if mlp > 0:
            y = torch.cat([self.act(z0) * x0, y], dim=-1)
        return self.out_proj(y)
