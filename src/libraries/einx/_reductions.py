"""Reductions over the axes in brackets. They stand apart, since `einx` has an `any` of its own."""
from ._axes import expression, flat, grouped, output_of, solved


def _reduction(run):
    def apply(pattern, value, keepdims=False, **sizes):
        inputs, output = expression(pattern, 1)
        lengths = solved(inputs, [value], sizes)
        axes = flat(inputs[0])
        marked = [name for group in inputs[0] for name in group.names if name in group.reduced]
        if output is None:
            kept = [name for name in axes if name not in marked]
            output = output_of([[group for group in inputs[0] if any(n in kept for n in group.names)]])
        else:
            kept = flat(output)
        value = value.reshape([lengths[name] for name in axes])
        gone = [i for i, name in enumerate(axes) if name not in kept]
        if gone:
            value = run(value, tuple(gone), keepdims)
        left = [name for name in axes if name in kept]
        if not keepdims and left != kept:
            value = value.permute([left.index(name) for name in kept])
        return value if keepdims else grouped(value, output, lengths)

    return apply


def _stepwise(name):
    def run(value, axes, keepdims):
        for axis in sorted(axes, reverse=True):
            value = getattr(value, name)(dim=axis, keepdim=keepdims)
        return value

    return run
