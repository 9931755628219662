"""Layers built from dictionaries, and the convolution with all that follows it."""
from _libraries.mm.weight_init import (
    bias_init_with_prob,
    caffe2_xavier_init,
    constant_init,
    kaiming_init,
    normal_init,
    trunc_normal_init,
    uniform_init,
    xavier_init,
)
from .bricks import (
    ConvModule,
    DepthwiseSeparableConvModule,
    Scale,
    build_activation_layer,
    build_conv_layer,
    build_norm_layer,
    build_padding_layer,
    build_plugin_layer,
    build_upsample_layer,
    is_norm,
)
from .registries import ACTIVATION_LAYERS, CONV_LAYERS, MODELS, NORM_LAYERS, PADDING_LAYERS, PLUGIN_LAYERS, UPSAMPLE_LAYERS
