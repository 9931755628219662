"""The functions of einops on tensors: reshape, permute, reduce, expand, reshape, each only where the pattern asks for it."""
import torch

from ._pattern import EinopsError, plan, read_side


def reduce(tensor, pattern, reduction, **axes_lengths):
    if isinstance(tensor, (list, tuple)):
        if len(tensor) == 0:
            raise TypeError("Rearrange/Reduce/Repeat can't be applied to an empty list")
        tensor = torch.stack(list(tensor))
    try:
        operation = reduction if isinstance(reduction, str) else "callable"
        steps = plan(pattern, operation, tuple(axes_lengths), len(tensor.shape))
        return _carried_out(tensor, steps, reduction, axes_lengths)
    except EinopsError as error:
        raise EinopsError(
            ' Error while processing {}-reduction pattern "{}".\n Input tensor shape: {}. Additional info: {}.\n {}'.format(
                reduction, pattern, tuple(tensor.shape), axes_lengths, error
            )
        )


def rearrange(tensor, pattern, **axes_lengths):
    return reduce(tensor, pattern, reduction="rearrange", **axes_lengths)


def repeat(tensor, pattern, **axes_lengths):
    return reduce(tensor, pattern, reduction="repeat", **axes_lengths)


def _carried_out(tensor, steps, reduction, given):
    sizes = _sizes(tensor.shape, steps, given)
    if steps.reshaped:
        tensor = tensor.reshape([sizes[name] for group in steps.left for name in group])
    if steps.order is not None:
        tensor = tensor.permute(steps.order)
    if steps.reduced:
        tensor = _reduced(tensor, reduction, steps.reduced)
    if steps.added:
        total = len(steps.kept) + len(steps.added)
        lengths = [-1] * total
        for place, length in steps.added:
            tensor = tensor.unsqueeze(place)
            lengths[place] = given[length] if isinstance(length, str) else length
        tensor = tensor.expand(lengths)
    if steps.right is not None:
        shape = []
        for group in steps.right:
            length = 1
            for name in group:
                length = length * _length(name, sizes, given)
            shape.append(length)
        tensor = tensor.reshape(shape)
    return tensor


def _length(name, sizes, given):
    if name in sizes:
        return sizes[name]
    return given[name] if name in given else int(name.split("#")[1])


def _sizes(shape, steps, given):
    """Each axis on the left with its length."""
    sizes = {}
    for dim, group, lengths, missing in zip(shape, steps.left, steps.lengths, steps.inferred):
        if lengths == (None,):
            sizes[group[0]] = dim
            continue
        product = 1
        for name, length in zip(group, lengths):
            if length is not None:
                sizes[name] = given[length] if isinstance(length, str) else length
                product = product * sizes[name]
        if missing is None:
            if product != dim:
                raise EinopsError("Shape mismatch, {} != {} ({})".format(dim, product, _shown(group)))
        else:
            if dim % product != 0:
                raise EinopsError("Shape mismatch, can't divide axis of length {} in chunks of {} ({})".format(dim, product, _shown(group)))
            sizes[group[missing]] = dim // product
    return sizes


def _shown(group):
    return " ".join(name.split("#")[1] if name.startswith("#") else name for name in group) or "1"


def _reduced(tensor, reduction, axes):
    if callable(reduction):
        return reduction(tensor, axes)
    if reduction == "min":
        return tensor.amin(dim=axes)
    if reduction == "max":
        return tensor.amax(dim=axes)
    if reduction == "sum":
        return tensor.sum(dim=axes)
    if reduction == "mean":
        if not tensor.is_floating_point():
            raise NotImplementedError("reduce_mean is not available for non-floating tensors")
        return tensor.mean(dim=axes)
    if reduction in ("any", "all", "prod"):
        for axis in sorted(axes, reverse=True):
            tensor = getattr(tensor, reduction)(dim=axis)
        return tensor
    raise NotImplementedError("Unknown reduction " + str(reduction))


def parse_shape(x, pattern):
    side = read_side(pattern)
    shape, groups = x.shape, side.groups
    if any(len(group) > 1 for group in groups):
        raise RuntimeError("Can't parse shape with composite axes: {} {}".format(pattern, shape))
    if ("...",) in groups:
        if len(shape) < len(groups) - 1:
            raise RuntimeError("Can't parse shape with this number of dimensions: {} {}".format(pattern, shape))
        at = groups.index(("...",))
        groups = groups[:at] + (("_",),) * (len(shape) - len(groups) + 1) + groups[at + 1 :]
    elif len(shape) != len(groups):
        raise RuntimeError("Can't parse shape with different number of dimensions: {} {}".format(pattern, shape))
    return {group[0]: size for group, size in zip(groups, shape) if group and group[0] != "_" and group[0][0] != "#"}


def asnumpy(tensor):
    return tensor.detach().cpu().numpy()


def einsum(*tensors_and_pattern):
    if len(tensors_and_pattern) <= 1:
        raise ValueError("`einops.einsum` takes at minimum two arguments: the tensors (at least one), followed by the pattern.")
    *tensors, pattern = tensors_and_pattern
    if not isinstance(pattern, str):
        raise ValueError("The last argument passed to `einops.einsum` must be a string, representing the einsum pattern.")
    return torch.einsum(_letters(pattern), *tensors)


def _letters(pattern):
    """The pattern with one letter for each name, as torch.einsum has it."""
    if pattern.count("->") != 1:
        raise ValueError("Einsum pattern must contain right-hand side")
    letters = {}
    sides = []
    for side in pattern.split("->"):
        terms = []
        for term in side.split(","):
            text = ""
            for name in term.replace("...", " ... ").split():
                if "(" in name or ")" in name:
                    raise NotImplementedError("Shape rearrangement is not yet supported in einsum.")
                if name != "..." and not (name.isidentifier() and name[0] != "_"):
                    raise ValueError("Invalid axis name " + name)
                if name != "..." and name not in letters:
                    letters[name] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"[len(letters)]
                text += "..." if name == "..." else letters[name]
            terms.append(text)
        sides.append(",".join(terms))
    return "->".join(sides)
