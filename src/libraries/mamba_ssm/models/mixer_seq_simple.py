"""Mamba as a language model."""
from collections import namedtuple
from functools import partial

from mamba_ssm.models.config_mamba import MambaConfig
from mamba_ssm.modules.block import Block
from mamba_ssm.modules.mamba2 import Mamba2
from mamba_ssm.modules.mamba_simple import Mamba
from mamba_ssm.modules.mlp import GatedMLP
from mamba_ssm.ops.triton.layer_norm import RMSNorm, layer_norm_fn
from torch import nn


def create_block(d_model, d_intermediate=0, ssm_cfg=None, attn_layer_idx=None, attn_cfg=None, norm_epsilon=1e-5, rms_norm=False,
                 residual_in_fp32=False, fused_add_norm=False, layer_idx=None, device=None, dtype=None):
    made = {"device": device, "dtype": dtype}
    if layer_idx in (attn_layer_idx or ()):
        from flash_attn.modules.mha import MHA

        mixer = partial(MHA, layer_idx=layer_idx, **(attn_cfg or {}), **made)
    else:
        settings = dict(ssm_cfg or {})
        kind = settings.pop("layer", "Mamba1")
        mixer = partial(Mamba2 if kind == "Mamba2" else Mamba, layer_idx=layer_idx, **settings, **made)
    norm = partial(nn.LayerNorm if not rms_norm else RMSNorm, eps=norm_epsilon, **made)
    mlp = nn.Identity if d_intermediate == 0 else partial(GatedMLP, hidden_features=d_intermediate, out_features=d_model, **made)
    block = Block(d_model, mixer, mlp, norm_cls=norm, fused_add_norm=fused_add_norm, residual_in_fp32=residual_in_fp32)
    block.layer_idx = layer_idx
    return block


class MixerModel(nn.Module):
    def __init__(self, d_model, n_layer, d_intermediate, vocab_size, ssm_cfg=None, attn_layer_idx=None, attn_cfg=None,
                 norm_epsilon=1e-5, rms_norm=False, initializer_cfg=None, fused_add_norm=False, residual_in_fp32=False,
                 device=None, dtype=None):
        super().__init__()
        made = {"device": device, "dtype": dtype}
        self.residual_in_fp32, self.fused_add_norm = residual_in_fp32, fused_add_norm
        self.embedding = nn.Embedding(vocab_size, d_model, **made)
        self.layers = nn.ModuleList([
            create_block(d_model, d_intermediate, ssm_cfg, attn_layer_idx, attn_cfg, norm_epsilon, rms_norm, residual_in_fp32, fused_add_norm, i, **made)
            for i in range(n_layer)
        ])
        self.norm_f = (nn.LayerNorm if not rms_norm else RMSNorm)(d_model, eps=norm_epsilon, **made)

    def forward(self, input_ids, inference_params=None, **mixer_kwargs):
        hidden_states, residual = self.embedding(input_ids), None
        for layer in self.layers:
            hidden_states, residual = layer(hidden_states, residual, inference_params=inference_params, **mixer_kwargs)
        if not self.fused_add_norm:
            return self.norm_f((hidden_states + residual).to(self.norm_f.weight.dtype))
        return layer_norm_fn(hidden_states, self.norm_f.weight, self.norm_f.bias, eps=self.norm_f.eps, residual=residual, prenorm=False,
                             residual_in_fp32=self.residual_in_fp32, is_rms_norm=isinstance(self.norm_f, RMSNorm))


class MambaLMHeadModel(nn.Module):
    def __init__(self, config, initializer_cfg=None, device=None, dtype=None):
        super().__init__()
        self.config = config
        vocab_size, multiple = config.vocab_size, config.pad_vocab_size_multiple
        if vocab_size % multiple != 0:
            vocab_size += multiple - vocab_size % multiple
        self.backbone = MixerModel(config.d_model, config.n_layer, config.d_intermediate, vocab_size, config.ssm_cfg, config.attn_layer_idx,
                                   config.attn_cfg, rms_norm=config.rms_norm, fused_add_norm=config.fused_add_norm,
                                   residual_in_fp32=config.residual_in_fp32, device=device, dtype=dtype)
        self.lm_head = nn.Linear(config.d_model, vocab_size, bias=False, device=device, dtype=dtype)
        if config.tie_embeddings:
            self.lm_head.weight = self.backbone.embedding.weight

    def forward(self, input_ids, position_ids=None, inference_params=None, num_last_tokens=0, **mixer_kwargs):
        hidden_states = self.backbone(input_ids, inference_params=inference_params, **mixer_kwargs)
        if num_last_tokens > 0:
            hidden_states = hidden_states[:, -num_last_tokens:]
        return namedtuple("CausalLMOutput", ["logits"])(logits=self.lm_head(hidden_states))
