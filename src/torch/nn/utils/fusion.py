"""A batch norm folded into the layer before it."""

import copy

import torch
from torch._native import Parameter


def _fold(weight, bias, mean, variance, eps, bn_weight, bn_bias, axis):
    bias = torch.zeros_like(mean) if bias is None else bias
    bn_weight = torch.ones_like(mean) if bn_weight is None else bn_weight
    bn_bias = torch.zeros_like(mean) if bn_bias is None else bn_bias
    scale = bn_weight * torch.rsqrt(variance + eps)
    shape = [1] * weight.dim()
    shape[axis] = -1
    folded = weight * scale.reshape(shape)
    return Parameter(folded, weight.requires_grad), Parameter((bias - mean) * scale + bn_bias, bias.requires_grad)


def _need_eval(*modules):
    if any(module.training for module in modules):
        raise AssertionError("Fusion only for eval!")


def _fused(layer, bn, transpose):
    _need_eval(layer, bn)
    fused = copy.deepcopy(layer)
    axis = 1 if transpose else 0
    fused.weight, fused.bias = _fold(
        layer.weight, layer.bias, bn.running_mean, bn.running_var, bn.eps, bn.weight, bn.bias, axis
    )
    return fused


def fuse_conv_bn_eval(conv, bn, transpose=False):
    return _fused(conv, bn, transpose)


def fuse_conv_bn_weights(conv_w, conv_b, bn_rm, bn_rv, bn_eps, bn_w, bn_b, transpose=False):
    return _fold(conv_w, conv_b, bn_rm, bn_rv, bn_eps, bn_w, bn_b, 1 if transpose else 0)


def fuse_linear_bn_eval(linear, bn):
    if linear.out_features != bn.num_features and bn.num_features != 1:
        raise AssertionError("To fuse, linear.out_features == bn.num_features or bn.num_features == 1")
    return _fused(linear, bn, False)


def fuse_linear_bn_weights(linear_w, linear_b, bn_rm, bn_rv, bn_eps, bn_w, bn_b):
    return _fold(linear_w, linear_b, bn_rm, bn_rv, bn_eps, bn_w, bn_b, 0)
