"""A layer in its residual block."""
from mamba_ssm.ops.triton.layer_norm import RMSNorm, layer_norm_fn
from torch import nn


class Block(nn.Module):
    def __init__(self, dim, mixer_cls, mlp_cls=nn.Identity, norm_cls=nn.LayerNorm, fused_add_norm=False, residual_in_fp32=False):
        super().__init__()
        self.residual_in_fp32, self.fused_add_norm = residual_in_fp32, fused_add_norm
        self.norm = norm_cls(dim)
        self.mixer = mixer_cls(dim)
        if mlp_cls is not nn.Identity:
            self.norm2 = norm_cls(dim)
            self.mlp = mlp_cls(dim)
        else:
            self.mlp = None

    def forward(self, hidden_states, residual=None, inference_params=None, **mixer_kwargs):
        hidden_states, residual = self._normed(self.norm, hidden_states, residual)
        hidden_states = self.mixer(hidden_states, inference_params=inference_params, **mixer_kwargs)
        if self.mlp is not None:
            hidden_states, residual = self._normed(self.norm2, hidden_states, residual)
            hidden_states = self.mlp(hidden_states)
        return hidden_states, residual

    def _normed(self, norm, x, residual):
        if self.fused_add_norm:
            return layer_norm_fn(x, norm.weight, norm.bias, residual=residual, prenorm=True, residual_in_fp32=self.residual_in_fp32,
                                 eps=norm.eps, is_rms_norm=isinstance(norm, RMSNorm))
        residual = x + residual if residual is not None else x
        out = norm(residual.to(norm.weight.dtype))
        return out, residual.float() if self.residual_in_fp32 else residual
