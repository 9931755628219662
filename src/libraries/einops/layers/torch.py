"""einops as layers: `Rearrange`, `Reduce` and `EinMix`."""
import torch
from torch import nn

from einops import EinopsError, rearrange, reduce
from einops._pattern import read_side

__all__ = ["EinMix", "Rearrange", "Reduce"]


class Rearrange(nn.Module):
    def __init__(self, pattern, **axes_lengths):
        super().__init__()
        self.pattern = pattern
        self.axes_lengths = axes_lengths

    def forward(self, input):
        return rearrange(input, self.pattern, **self.axes_lengths)


class Reduce(nn.Module):
    def __init__(self, pattern, reduction, **axes_lengths):
        super().__init__()
        self.pattern = pattern
        self.reduction = reduction
        self.axes_lengths = axes_lengths

    def forward(self, input):
        return reduce(input, self.pattern, self.reduction, **self.axes_lengths)


class EinMix(nn.Module):
    """A linear layer over the axes that the weight names: one einsum between two rearrangements."""

    def __init__(self, pattern, weight_shape, bias_shape=None, **axes_lengths):
        super().__init__()
        self.pattern, self.weight_shape, self.bias_shape, self.axes_lengths = pattern, weight_shape, bias_shape, axes_lengths
        left_text, right_text = pattern.split("->")
        left, right = read_side(left_text), read_side(right_text)
        weight = read_side(weight_shape).names
        lost = set(weight) - set(left.names) - set(right.names)
        if lost:
            raise EinopsError("Weight axes {} not used in pattern {}".format(sorted(lost), pattern))
        lost = [name for name in weight if name not in axes_lengths]
        if lost:
            raise EinopsError("Axes {} of weight should be specified".format(lost))
        extra = set(axes_lengths) - set(weight) - set(left.names) - set(right.names)
        if extra:
            raise EinopsError("Axes {} are not used in pattern".format(sorted(extra)))
        flat_left, flat_right = " ".join(left.names), " ".join(right.names)
        composed = lambda side: any(len(group) != 1 for group in side.groups)
        lengths = lambda side: {name: size for name, size in axes_lengths.items() if name in side.names}
        self.pre = Rearrange(left_text + "->" + flat_left, **lengths(left)) if composed(left) else None
        self.post = Rearrange(flat_right + "->" + right_text, **lengths(right)) if composed(right) else None
        names = list(dict.fromkeys([*left.names, *weight, *right.names]))
        letter = {name: "..." if name == "..." else chr(97 + i) for i, name in enumerate(names)}
        text = lambda side: "".join(letter[name] for name in side)
        self.einsum_pattern = text(left.names) + "," + text(weight) + "->" + text(right.names)
        fan_in = 1
        for name in weight:
            if name in left.names:
                fan_in = fan_in * axes_lengths[name]
        bound = (3 / fan_in) ** 0.5
        shape = [axes_lengths[name] for name in weight]
        self.weight = nn.Parameter(torch.zeros(shape).uniform_(-bound, bound))
        if bias_shape is None:
            self.bias = None
        else:
            own = read_side(bias_shape).names
            lost = [name for name in own if name not in right.names or name not in axes_lengths]
            if lost:
                raise EinopsError("Bias axes {} not present in output or without a size".format(lost))
            shape = []
            for name in right.names:
                if name in own:
                    shape.append(axes_lengths[name])
                elif shape:
                    shape.append(1)
            self.bias = nn.Parameter(torch.zeros(shape).uniform_(-(fan_in ** -0.5), fan_in ** -0.5))

    def forward(self, input):
        if self.pre is not None:
            input = self.pre(input)
        result = torch.einsum(self.einsum_pattern, input, self.weight)
        if self.bias is not None:
            result = result + self.bias
        return result if self.post is None else self.post(result)
