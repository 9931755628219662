"""Layers of timm."""
from .attention import Attention
from .drop import DropBlock2d, DropPath, PatchDropout, drop_path
from .functions import (
    _assert,
    get_act_fn,
    get_act_layer,
    get_norm_layer,
    get_padding,
    lecun_normal_,
    make_divisible,
    named_apply,
    resample_abs_pos_embed,
    to_1tuple,
    to_2tuple,
    to_3tuple,
    to_4tuple,
    to_ntuple,
    trunc_normal_,
    trunc_normal_tf_,
    use_fused_attn,
    variance_scaling_,
)
from .mlp import ConvMlp, GluMlp, Mlp, SwiGLU
from .norm import LayerNorm, LayerNorm2d, LayerScale, RmsNorm
from .patch_embed import PatchEmbed
from .pool import SelectAdaptivePool2d
from .squeeze_excite import SEModule, SqueezeExcite
