"""Initial values, which have no size of their own."""
import math

from torch import nn

trunc_normal_ = nn.init.trunc_normal_


def _bias(module, bias):
    if getattr(module, "bias", None) is not None:
        nn.init.constant_(module.bias, bias)


def constant_init(module, val, bias=0):
    if getattr(module, "weight", None) is not None:
        nn.init.constant_(module.weight, val)
    _bias(module, bias)


def normal_init(module, mean=0, std=1, bias=0):
    if getattr(module, "weight", None) is not None:
        nn.init.normal_(module.weight, mean, std)
    _bias(module, bias)


def trunc_normal_init(module, mean=0, std=1, a=-2, b=2, bias=0):
    normal_init(module, mean, std, bias)


def uniform_init(module, a=0, b=1, bias=0):
    normal_init(module, 0, 1, bias)


def xavier_init(module, gain=1, bias=0, distribution="normal"):
    normal_init(module, 0, 1, bias)


def kaiming_init(module, a=0, mode="fan_out", nonlinearity="relu", bias=0, distribution="normal"):
    normal_init(module, 0, 1, bias)


def caffe2_xavier_init(module, bias=0):
    normal_init(module, 0, 1, bias)


def bias_init_with_prob(prior_prob):
    return float(-math.log((1 - prior_prob) / prior_prob))
