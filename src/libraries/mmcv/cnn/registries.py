"""The tables of layers."""
from mmcv.utils import Registry
from torch import nn

MODELS = Registry("model")
CONV_LAYERS = Registry("conv layer")
NORM_LAYERS = Registry("norm layer")
ACTIVATION_LAYERS = Registry("activation layer")
PADDING_LAYERS = Registry("padding layer")
UPSAMPLE_LAYERS = Registry("upsample layer")
PLUGIN_LAYERS = Registry("plugin layer")

for _name, _cls in {"Conv1d": nn.Conv1d, "Conv2d": nn.Conv2d, "Conv3d": nn.Conv3d, "Conv": nn.Conv2d}.items():
    CONV_LAYERS.register_module(_name, module=_cls)
for _name, _cls in {
    "BN": nn.BatchNorm2d, "BN1d": nn.BatchNorm1d, "BN2d": nn.BatchNorm2d, "BN3d": nn.BatchNorm3d, "SyncBN": nn.SyncBatchNorm,
    "GN": nn.GroupNorm, "LN": nn.LayerNorm, "IN": nn.InstanceNorm2d, "IN1d": nn.InstanceNorm1d, "IN2d": nn.InstanceNorm2d,
    "IN3d": nn.InstanceNorm3d,
}.items():
    NORM_LAYERS.register_module(_name, module=_cls)
for _cls in (nn.ReLU, nn.LeakyReLU, nn.PReLU, nn.RReLU, nn.ReLU6, nn.ELU, nn.Sigmoid, nn.Tanh, nn.GELU, nn.SiLU, nn.Mish, nn.Softmax):
    ACTIVATION_LAYERS.register_module(module=_cls)
ACTIVATION_LAYERS.register_module("HSwish", module=nn.Hardswish)
ACTIVATION_LAYERS.register_module("Swish", module=nn.SiLU)


@ACTIVATION_LAYERS.register_module()
class HSigmoid(nn.Module):
    def __init__(self, bias=3.0, divisor=6.0, min_value=0.0, max_value=1.0):
        super().__init__()
        self.bias, self.divisor, self.min_value, self.max_value = bias, divisor, min_value, max_value

    def forward(self, x):
        return ((x + self.bias) / self.divisor).clamp_(self.min_value, self.max_value)


PADDING_LAYERS.register_module("zero", module=nn.ZeroPad2d)
PADDING_LAYERS.register_module("reflect", module=nn.ReflectionPad2d)
PADDING_LAYERS.register_module("replicate", module=nn.ReplicationPad2d)
UPSAMPLE_LAYERS.register_module("nearest", module=nn.Upsample)
UPSAMPLE_LAYERS.register_module("bilinear", module=nn.Upsample)
UPSAMPLE_LAYERS.register_module("deconv", module=nn.ConvTranspose2d)


@UPSAMPLE_LAYERS.register_module("pixel_shuffle")
class PixelShufflePack(nn.Module):
    def __init__(self, in_channels, out_channels, scale_factor, upsample_kernel):
        super().__init__()
        self.scale_factor = scale_factor
        self.upsample_conv = nn.Conv2d(in_channels, out_channels * scale_factor * scale_factor, upsample_kernel, padding=(upsample_kernel - 1) // 2)

    def forward(self, x):
        return nn.functional.pixel_shuffle(self.upsample_conv(x), self.scale_factor)
