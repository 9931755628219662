"""Losses that PyTorch composes of others."""
import torch
import torch.nn.functional as F


def reduced(loss, size_average, reduce, reduction):
    if size_average is not None or reduce is not None:
        reduction = "none" if reduce is False else "sum" if size_average is False else "mean"
    if reduction in ("mean", 1):
        return loss.mean()
    return loss.sum() if reduction in ("sum", 2) else loss


def word(size_average, reduce, reduction):
    if size_average is not None or reduce is not None:
        return "none" if reduce is False else "sum" if size_average is False else "mean"
    return reduction


def cross_entropy(
    input, target, weight=None, size_average=None, ignore_index=-100, reduce=None, reduction="mean", label_smoothing=0.0
):
    reduction = word(size_average, reduce, reduction)
    axis = 0 if input.dim() == 1 else 1
    # The type is named, so that autocast does not widen it.
    scores = F.log_softmax(input, axis, dtype=input.dtype)
    if target.is_floating_point():
        if label_smoothing > 0:
            target = target * (1 - label_smoothing) + label_smoothing / input.shape[axis]
        if weight is not None:
            target = target * _along(weight, input, axis)
        loss = -(scores * target).sum(axis)
        if reduction == "mean":
            count = 1
            for i, size in enumerate(input.shape):
                if i != axis:
                    count = count * size
            return -(scores * target).sum() / count
        return loss.sum() if reduction == "sum" else loss
    plain = F.nll_loss(scores, target, weight, ignore_index=ignore_index, reduction=reduction)
    if label_smoothing <= 0:
        return plain
    smooth = -scores.sum(axis) if weight is None else -(scores * _along(weight, input, axis)).sum(axis)
    ignored = target == ignore_index
    smooth = smooth.masked_fill(ignored, 0.0)
    if reduction == "mean":
        count = torch.logical_not(ignored).sum() if weight is None else weight.gather(0, target.flatten()).sum()
        smooth = smooth.sum() / count
    elif reduction == "sum":
        smooth = smooth.sum()
    return (1 - label_smoothing) * plain + smooth * (label_smoothing / input.shape[axis])


def _along(weight, input, axis):
    return weight.view([-1 if i == axis else 1 for i in range(input.dim())]) if input.dim() > 1 else weight


def l1_loss(input, target, size_average=None, reduce=None, reduction="mean", weight=None):
    return reduced((input - target).abs(), size_average, reduce, reduction)


def kl_div(input, target, size_average=None, reduce=None, reduction="mean", log_target=False):
    if log_target:
        loss = target.exp() * (target - input)
    else:
        loss = torch.xlogy(target, target) - target * input
    if reduction == "batchmean":
        return loss.sum() / input.shape[0]
    return reduced(loss, size_average, reduce, reduction)


def cosine_embedding_loss(input1, input2, target, margin=0, size_average=None, reduce=None, reduction="mean"):
    axis = target.dim()
    product = (input1 * input2).sum(axis)
    first = (input1 * input1).sum(axis) + 1e-12
    second = (input2 * input2).sum(axis) + 1e-12
    cosine = product / (first * second).sqrt()
    zeros = torch.zeros_like(cosine)
    positive = 1 - cosine
    negative = (cosine - margin).clamp_min(0)
    loss = torch.where(target == 1, positive, zeros) + torch.where(target == -1, negative, zeros)
    return reduced(loss, size_average, reduce, reduction)


def hinge_embedding_loss(input, target, margin=1.0, size_average=None, reduce=None, reduction="mean"):
    zeros = torch.zeros_like(input)
    margins = (margin - input).clamp_min(0)
    loss = torch.where(target != 1, margins, zeros) + torch.where(target != -1, input, zeros)
    return reduced(loss, size_average, reduce, reduction)


def margin_ranking_loss(input1, input2, target, margin=0, size_average=None, reduce=None, reduction="mean"):
    loss = (-target * (input1 - input2) + margin).clamp_min(0)
    return reduced(loss, size_average, reduce, reduction)


def triplet_margin_loss(
    anchor, positive, negative, margin=1.0, p=2, eps=1e-6, swap=False, size_average=None, reduce=None, reduction="mean"
):
    near = pairwise_distance(anchor, positive, p, eps)
    far = pairwise_distance(anchor, negative, p, eps)
    if swap:
        far = torch.min(far, pairwise_distance(positive, negative, p, eps))
    return reduced((margin + near - far).clamp_min(0), size_average, reduce, reduction)


def triplet_margin_with_distance_loss(
    anchor, positive, negative, *, distance_function=None, margin=1.0, swap=False, reduction="mean"
):
    distance = pairwise_distance if distance_function is None else distance_function
    near, far = distance(anchor, positive), distance(anchor, negative)
    if swap:
        far = torch.minimum(far, distance(positive, negative))
    return reduced((margin + near - far).clamp_min(0), None, None, reduction)


def poisson_nll_loss(
    input, target, log_input=True, full=False, size_average=None, eps=1e-8, reduce=None, reduction="mean"
):
    loss = torch.exp(input) - target * input if log_input else input - target * torch.log(input + eps)
    if full:
        stirling = target * torch.log(target) - target + 0.5 * torch.log(2 * torch.pi * target)
        loss = loss + stirling.masked_fill(target <= 1, 0)
    return reduced(loss, size_average, reduce, reduction)


def gaussian_nll_loss(input, target, var, full=False, eps=1e-6, reduction="mean"):
    if isinstance(var, float):
        var = torch.full_like(input, var)
    elif var.dim() == input.dim() - 1:
        var = var.unsqueeze(-1)
    var = var.clone()
    with torch.no_grad():
        var.clamp_(min=eps)
    loss = 0.5 * (torch.log(var) + (input - target) ** 2 / var)
    if full:
        loss = loss + 0.9189385332046727
    return reduced(loss, None, None, reduction)


def multilabel_soft_margin_loss(input, target, weight=None, size_average=None, reduce=None, reduction="mean"):
    loss = -(target * F.logsigmoid(input) + (1 - target) * F.logsigmoid(-input))
    if weight is not None:
        loss = loss * weight
    return reduced(loss.sum(input.dim() - 1) / input.shape[-1], size_average, reduce, reduction)


def pairwise_distance(x1, x2, p=2.0, eps=1e-6, keepdim=False):
    return torch.norm(x1 - x2 + eps, p, -1, keepdim)


def pdist(input, p=2):
    n = input.shape[0]
    return torch.cdist(input, input, p).reshape(-1)[: n * (n - 1) // 2]
