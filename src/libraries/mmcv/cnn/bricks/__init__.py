"""The layers, and the functions that build them by name."""
import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.instancenorm import _InstanceNorm

from mmcv.cnn.registries import ACTIVATION_LAYERS, CONV_LAYERS, NORM_LAYERS, PADDING_LAYERS, PLUGIN_LAYERS, UPSAMPLE_LAYERS

_norm_names = {"BN": "bn", "SyncBN": "bn", "GN": "gn", "LN": "ln", "IN": "in"}


def _class_of(kind, registry):
    return registry.get(kind) if isinstance(kind, str) else kind


def build_conv_layer(cfg, *args, **kwargs):
    given = dict(cfg) if cfg is not None else {"type": "Conv2d"}
    cls = _class_of(given.pop("type"), CONV_LAYERS)
    return cls(*args, **kwargs, **given)


def build_norm_layer(cfg, num_features, postfix=""):
    given = dict(cfg)
    kind = given.pop("type")
    cls = _class_of(kind, NORM_LAYERS)
    if cls is None:
        raise KeyError("Unrecognized norm type " + str(kind))
    short = next((name for start, name in _norm_names.items() if str(kind).startswith(start)), "norm_layer")
    trained = given.pop("requires_grad", True)
    given.setdefault("eps", 1e-5)
    layer = cls(num_channels=num_features, **given) if cls is nn.GroupNorm else cls(num_features, **given)
    for one in layer.parameters():
        one.requires_grad = trained
    return short + str(postfix), layer


def build_activation_layer(cfg):
    given = dict(cfg)
    return _class_of(given.pop("type"), ACTIVATION_LAYERS)(**given)


def build_padding_layer(cfg, *args, **kwargs):
    given = dict(cfg)
    return _class_of(given.pop("type"), PADDING_LAYERS)(*args, **kwargs, **given)


def build_upsample_layer(cfg, *args, **kwargs):
    given = dict(cfg)
    kind = given.pop("type")
    cls = _class_of(kind, UPSAMPLE_LAYERS)
    if cls is nn.Upsample:
        given["mode"] = kind
    return cls(*args, **kwargs, **given)


def build_plugin_layer(cfg, postfix="", **kwargs):
    given = dict(cfg)
    cls = _class_of(given.pop("type"), PLUGIN_LAYERS)
    return cls.__name__.lower() + str(postfix), cls(**kwargs, **given)


def is_norm(layer, exclude=None):
    return isinstance(layer, (_BatchNorm, _InstanceNorm, nn.GroupNorm, nn.LayerNorm)) and not (exclude and isinstance(layer, exclude))


class ConvModule(nn.Module):
    """Convolution, norm and activation in the order asked for."""

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, groups=1, bias="auto", conv_cfg=None,
                 norm_cfg=None, act_cfg=dict(type="ReLU"), inplace=True, with_spectral_norm=False, padding_mode="zeros",
                 order=("conv", "norm", "act")):
        super().__init__()
        self.conv_cfg, self.norm_cfg, self.act_cfg = conv_cfg, norm_cfg, act_cfg
        self.inplace, self.with_spectral_norm, self.order = inplace, with_spectral_norm, order
        self.with_explicit_padding = padding_mode not in ("zeros", "circular")
        self.with_norm, self.with_activation = norm_cfg is not None, act_cfg is not None
        self.with_bias = not self.with_norm if bias == "auto" else bias
        if self.with_explicit_padding:
            self.padding_layer = build_padding_layer({"type": padding_mode}, padding)
        self.conv = build_conv_layer(conv_cfg, in_channels, out_channels, kernel_size, stride=stride,
                                     padding=0 if self.with_explicit_padding else padding, dilation=dilation, groups=groups, bias=self.with_bias)
        self.in_channels, self.out_channels = self.conv.in_channels, self.conv.out_channels
        self.kernel_size, self.stride, self.padding = self.conv.kernel_size, self.conv.stride, padding
        self.dilation, self.groups = self.conv.dilation, self.conv.groups
        if with_spectral_norm:
            self.conv = nn.utils.spectral_norm(self.conv)
        self.norm_name = None
        if self.with_norm:
            channels = out_channels if order.index("norm") > order.index("conv") else in_channels
            self.norm_name, norm = build_norm_layer(norm_cfg, channels)
            self.add_module(self.norm_name, norm)
        if self.with_activation:
            given = dict(act_cfg)
            if given["type"] not in ("Tanh", "PReLU", "Sigmoid", "HSigmoid", "Swish", "GELU", "SiLU", "Mish", "Softmax"):
                given.setdefault("inplace", inplace)
            self.activate = build_activation_layer(given)

    @property
    def norm(self):
        return getattr(self, self.norm_name) if self.norm_name else None

    def forward(self, x, activate=True, norm=True):
        for step in self.order:
            if step == "conv":
                x = self.conv(self.padding_layer(x) if self.with_explicit_padding else x)
            elif step == "norm" and norm and self.with_norm:
                x = self.norm(x)
            elif step == "act" and activate and self.with_activation:
                x = self.activate(x)
        return x


class DepthwiseSeparableConvModule(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, norm_cfg=None, act_cfg=dict(type="ReLU"),
                 dw_norm_cfg="default", dw_act_cfg="default", pw_norm_cfg="default", pw_act_cfg="default", **kwargs):
        super().__init__()
        chosen = lambda own, other: other if own == "default" else own
        self.depthwise_conv = ConvModule(in_channels, in_channels, kernel_size, stride=stride, padding=padding, dilation=dilation, groups=in_channels,
                                         norm_cfg=chosen(dw_norm_cfg, norm_cfg), act_cfg=chosen(dw_act_cfg, act_cfg), **kwargs)
        self.pointwise_conv = ConvModule(in_channels, out_channels, 1, norm_cfg=chosen(pw_norm_cfg, norm_cfg), act_cfg=chosen(pw_act_cfg, act_cfg), **kwargs)

    def forward(self, x):
        return self.pointwise_conv(self.depthwise_conv(x))


class Scale(nn.Module):
    def __init__(self, scale=1.0):
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(scale, dtype=torch.float))

    def forward(self, x):
        return x * self.scale


from .drop import DropPath, build_dropout  # noqa: E402
