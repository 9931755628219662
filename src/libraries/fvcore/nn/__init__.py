"""fvcore.nn."""
from . import weight_init
from .focal_loss import sigmoid_focal_loss, sigmoid_focal_loss_jit
from .weight_init import c2_msra_fill, c2_xavier_fill


def smooth_l1_loss(input, target, beta, reduction="none"):
    loss = (input - target).abs()
    return loss.mean() if reduction == "mean" else loss.sum() if reduction == "sum" else loss
