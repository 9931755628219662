"""Functions of torch.nn.functional that PyTorch composes of others."""
import torch
import torch.nn.functional as F


def normalize(input, p=2.0, dim=1, eps=1e-12, out=None):
    length = torch.norm(input, p, dim, keepdim=True).clamp_min(eps).expand_as(input)
    return input / length


def local_response_norm(input, size, alpha=1e-4, beta=0.75, k=1.0):
    squares = input.mul(input)
    if input.dim() == 3:
        wide = F.pad(squares.unsqueeze(1), (0, 0, size // 2, (size - 1) // 2))
        mean = F.avg_pool2d(wide, (size, 1), stride=1).squeeze(1)
    else:
        shape = input.size()
        wide = squares.view(shape[0], 1, shape[1], shape[2], -1)
        wide = F.pad(wide, (0, 0, 0, 0, size // 2, (size - 1) // 2))
        mean = F.avg_pool3d(wide, (size, 1, 1), stride=1).squeeze(1).view(shape)
    return input / mean.mul(alpha).add(k).pow(beta)


def gumbel_softmax(logits, tau=1, hard=False, eps=1e-10, dim=-1):
    noise = -torch.empty_like(logits).exponential_().log()
    soft = ((logits + noise) / tau).softmax(dim)
    if not hard:
        return soft
    index = soft.max(dim, keepdim=True)[1]
    one_hot = torch.zeros_like(logits).scatter_(dim, index, 1.0)
    return one_hot - soft.detach() + soft


def embedding_bag(
    input,
    weight,
    offsets=None,
    max_norm=None,
    norm_type=2,
    scale_grad_by_freq=False,
    mode="mean",
    sparse=False,
    per_sample_weights=None,
    include_last_offset=False,
    padding_idx=None,
):
    if input.dtype not in (torch.int64, torch.int32) and weight.dtype in (torch.int64, torch.int32):
        input, weight = weight, input
    if input.dim() == 2:
        offsets = torch.arange(0, input.shape[0] * input.shape[1], input.shape[1], dtype=input.dtype)
        input = input.reshape(-1)
        if per_sample_weights is not None:
            per_sample_weights = per_sample_weights.reshape(-1)
    number = {"sum": 0, "mean": 1, "max": 2}[mode] if isinstance(mode, str) else mode
    padding = -1 if padding_idx is None else padding_idx
    return torch._embedding_bag(
        weight, input, offsets, scale_grad_by_freq, number, sparse, per_sample_weights, include_last_offset, padding
    )[0]


def embedding_renorm_(weight, indices, max_norm, norm_type):
    return weight


def lp_pool1d(input, norm_type, kernel_size, stride=None, ceil_mode=False):
    out = F.avg_pool1d(input.pow(norm_type), kernel_size, () if stride is None else stride, 0, ceil_mode)
    return _rooted(out, kernel_size if isinstance(kernel_size, int) else kernel_size[0], norm_type)


def lp_pool2d(input, norm_type, kernel_size, stride=None, ceil_mode=False):
    high, wide = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    out = F.avg_pool2d(input.pow(norm_type), kernel_size, () if stride is None else stride, 0, ceil_mode)
    return _rooted(out, high * wide, norm_type)


def lp_pool3d(input, norm_type, kernel_size, stride=None, ceil_mode=False):
    deep, high, wide = (kernel_size,) * 3 if isinstance(kernel_size, int) else kernel_size
    out = F.avg_pool3d(input.pow(norm_type), kernel_size, () if stride is None else stride, 0, ceil_mode)
    return _rooted(out, deep * high * wide, norm_type)


def _rooted(out, count, norm_type):
    return (torch.sign(out) * F.relu(torch.abs(out))).mul(count).pow(1.0 / norm_type)


def _each(value, rank):
    return [value] * rank if isinstance(value, int) else list(value)


def _unpooled(input, kernel_size, stride, padding, output_size, rank):
    kernel = _each(kernel_size, rank)
    steps = kernel if stride is None else _each(stride, rank)
    pads = _each(padding, rank)
    if output_size is not None:
        return list(output_size)[-rank:]
    sizes = input.shape[-rank:]
    return [(sizes[i] - 1) * steps[i] - 2 * pads[i] + kernel[i] for i in range(rank)]


def max_unpool1d(input, indices, kernel_size, stride=None, padding=0, output_size=None):
    size = _unpooled(input, kernel_size, stride, padding, output_size, 1)
    return torch._max_unpool2d(input.unsqueeze(-1), indices.unsqueeze(-1), size + [1]).squeeze(-1)


def max_unpool2d(input, indices, kernel_size, stride=None, padding=0, output_size=None):
    return torch._max_unpool2d(input, indices, _unpooled(input, kernel_size, stride, padding, output_size, 2))


def max_unpool3d(input, indices, kernel_size, stride=None, padding=0, output_size=None):
    return torch._max_unpool3d(input, indices, _unpooled(input, kernel_size, stride, padding, output_size, 3))


def fractional_max_pool2d(
    input, kernel_size, output_size=None, output_ratio=None, return_indices=False, _random_samples=None
):
    return _fractional(input, kernel_size, output_size, output_ratio, return_indices, _random_samples, 2)


def fractional_max_pool3d(
    input, kernel_size, output_size=None, output_ratio=None, return_indices=False, _random_samples=None
):
    return _fractional(input, kernel_size, output_size, output_ratio, return_indices, _random_samples, 3)


def _fractional(input, kernel_size, output_size, output_ratio, return_indices, samples, rank):
    if output_size is None:
        ratios = [output_ratio] * rank if isinstance(output_ratio, float) else output_ratio
        output_size = [int(input.shape[i - rank] * ratios[i]) for i in range(rank)]
    if samples is None:
        batch = 1 if input.dim() == rank + 1 else input.shape[0]
        samples = torch.rand(batch, input.shape[-rank - 1], rank, dtype=input.dtype)
    pool = torch._fractional_max_pool2d if rank == 2 else torch._fractional_max_pool3d
    pair = pool(input, _each(kernel_size, rank), _each(output_size, rank), samples)
    return pair if return_indices else pair[0]


def interpolate(
    input,
    size=None,
    scale_factor=None,
    mode="nearest",
    align_corners=None,
    recompute_scale_factor=None,
    antialias=False,
):
    rank = input.dim() - 2
    if size is None and scale_factor is None:
        raise ValueError("either size or scale_factor should be defined")
    if size is not None and scale_factor is not None:
        raise ValueError("only one of size or scale_factor should be defined")
    if mode in ("nearest", "area", "nearest-exact") and align_corners is not None:
        raise ValueError("align_corners option can only be set with the interpolating modes")
    if size is not None:
        sizes = list(size) if isinstance(size, (list, tuple)) else [size] * rank
        scales = None
    else:
        sizes = None
        scales = list(scale_factor) if isinstance(scale_factor, (list, tuple)) else [scale_factor] * rank
        if recompute_scale_factor or mode == "area":
            sizes = [_scaled(input.shape[i + 2], scales[i]) for i in range(rank)]
            scales = None
    if mode == "area":
        return (F.adaptive_avg_pool1d, F.adaptive_avg_pool2d, F.adaptive_avg_pool3d)[rank - 1](input, sizes)
    if scales is not None:
        scales = [float(scale) for scale in scales]
    if mode in ("nearest", "nearest-exact"):
        return torch._upsample_nearest(input, sizes, scales, mode == "nearest-exact")
    aligned = bool(align_corners)
    if antialias:
        return torch._upsample_smooth(input, sizes, aligned, scales, f"_upsample_{mode}2d_aa")
    names = {"linear": "upsample_linear1d", "bilinear": "upsample_bilinear2d", "bicubic": "upsample_bicubic2d"}
    names["trilinear"] = "upsample_trilinear3d"
    if mode not in names:
        raise NotImplementedError(f"interpolation mode {mode} is not known")
    return torch._upsample_smooth(input, sizes, aligned, scales, names[mode])


def _scaled(size, factor):
    if isinstance(factor, int) or float(factor).is_integer():
        return size * int(factor)
    return int(size * factor)


def upsample(input, size=None, scale_factor=None, mode="nearest", align_corners=None):
    return interpolate(input, size, scale_factor, mode, align_corners)


def upsample_nearest(input, size=None, scale_factor=None):
    return interpolate(input, size, scale_factor, "nearest")


def upsample_bilinear(input, size=None, scale_factor=None):
    return interpolate(input, size, scale_factor, "bilinear", True)


def grid_sample(input, grid, mode="bilinear", padding_mode="zeros", align_corners=None):
    return torch.grid_sampler(
        input,
        grid,
        ("bilinear", "nearest", "bicubic").index(mode),
        ("zeros", "border", "reflection").index(padding_mode),
        bool(align_corners),
    )


def affine_grid(theta, size, align_corners=None):
    return torch.affine_grid_generator(theta, list(size), bool(align_corners))


def ctc_loss(
    log_probs, targets, input_lengths, target_lengths, blank=0, reduction="mean", zero_infinity=False
):
    loss = torch._ctc_loss(log_probs, targets, input_lengths, target_lengths, blank, zero_infinity)[0]
    if zero_infinity:
        loss = torch.where(loss == float("inf"), torch.zeros_like(loss), loss)
    if reduction in ("mean", 1):
        lengths = target_lengths if isinstance(target_lengths, torch.Tensor) else torch.tensor(target_lengths)
        return (loss / lengths.clamp_min(1)).mean()
    return loss.sum() if reduction in ("sum", 2) else loss


def multilabel_margin_loss(input, target, size_average=None, reduce=None, reduction="mean"):
    number = {"none": 0, "mean": 1, "sum": 2}[reduction]
    return torch._multilabel_margin_loss_forward(input, target, number)[0]


def assert_int_or_pair(arg, arg_name, message):
    assert isinstance(arg, int) or len(arg) == 2, message.format(arg_name)
