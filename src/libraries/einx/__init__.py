"""einx: element-wise operations, reductions and rearrangements whose axes are written as a pattern."""
import torch

from ._axes import aligned, expression, flat, grouped, named_sizes, output_of, solved
from ._reductions import _reduction, _stepwise

_names = {
    "add": torch.add,
    "subtract": torch.sub,
    "multiply": torch.mul,
    "divide": torch.div,
    "true_divide": torch.div,
    "floor_divide": torch.floor_divide,
    "less": torch.lt,
    "less_equal": torch.le,
    "greater": torch.gt,
    "greater_equal": torch.ge,
    "equal": torch.eq,
    "not_equal": torch.ne,
    "maximum": torch.maximum,
    "minimum": torch.minimum,
    "logical_and": torch.logical_and,
    "logical_or": torch.logical_or,
    "logaddexp": torch.logaddexp,
    "where": torch.where,
}


def _tensors(values, dtype_of=None):
    return [value if isinstance(value, torch.Tensor) else torch.tensor(value) for value in values]


def _elementwise(run):
    def apply(pattern, *values, **sizes):
        values = _tensors(values)
        inputs, output = expression(pattern, len(values))
        lengths = solved(inputs, values, sizes)
        output = output_of(inputs) if output is None else output
        wanted = flat(output)
        ready = [aligned(value, side, wanted, lengths) for value, side in zip(values, inputs)]
        return grouped(run(*ready), output, lengths)

    return apply


for _name, _run in _names.items():
    globals()[_name] = _elementwise(_run)


def elementwise(pattern, *values, op, **sizes):
    run = op if callable(op) else _names[op]
    return _elementwise(run)(pattern, *values, **sizes)


sum = _reduction(lambda x, axes, keep: x.sum(dim=axes, keepdim=keep))
mean = _reduction(lambda x, axes, keep: x.mean(dim=axes, keepdim=keep))
max = _reduction(lambda x, axes, keep: x.amax(dim=axes, keepdim=keep))
min = _reduction(lambda x, axes, keep: x.amin(dim=axes, keepdim=keep))
std = _reduction(lambda x, axes, keep: x.std(dim=axes, keepdim=keep, unbiased=False))
var = _reduction(lambda x, axes, keep: x.var(dim=axes, keepdim=keep, unbiased=False))
logsumexp = _reduction(lambda x, axes, keep: x.logsumexp(dim=axes, keepdim=keep))
prod = _reduction(_stepwise("prod"))
any = _reduction(_stepwise("any"))
all = _reduction(_stepwise("all"))


def rearrange(pattern, value, **sizes):
    inputs, output = expression(pattern, 1)
    lengths = solved(inputs, [value], sizes)
    named_sizes(output, lengths, sizes)
    wanted = flat(output)
    value = aligned(value, inputs[0], wanted, lengths)
    value = value.expand([lengths[name] for name in wanted])
    return grouped(value, output, lengths)


id = rearrange


def dot(pattern, *values, **sizes):
    """A tensor product; brackets mark what is summed over."""
    inputs, output = expression(pattern, len(values))
    lengths = solved(inputs, values, sizes)
    names = list(dict.fromkeys([name for side in inputs for name in flat(side)]))
    letter = {name: chr(97 + i) for i, name in enumerate(names)}
    text = lambda side: "".join(letter[name] for name in flat(side))
    ready = [value.reshape([lengths[name] for name in flat(side)]) for value, side in zip(values, inputs)]
    product = torch.einsum(",".join(text(side) for side in inputs) + "->" + text(output), *ready)
    return grouped(product, output, lengths)


def softmax(pattern, value, **sizes):
    return _along(torch.softmax, pattern, value)


def log_softmax(pattern, value, **sizes):
    return _along(torch.log_softmax, pattern, value)


def _along(run, pattern, value):
    side = expression(pattern, 1)[0][0]
    axes = [i for i, group in enumerate(side) if group.reduced]
    if len(axes) != 1:
        from _assay import unknown

        return unknown("einx over several axes at once is not modelled")
    return run(value, dim=axes[0])


def get_at(pattern, value, *indices, **sizes):
    """Elements picked along the one axis in brackets."""
    from _assay import unknown

    inputs, output = expression(pattern, 1 + len(indices))
    picked = [name for group in inputs[0] for name in group.reduced]
    if len(picked) != 1 or len(indices) != 1 or output is None:
        return unknown("einx.get_at along several axes is not modelled")
    lengths = solved(inputs, [value, indices[0]], sizes)
    wanted = flat(output)
    rest = [name for name in flat(inputs[0]) if name not in picked]
    value = value.movedim(flat(inputs[0]).index(picked[0]), -1)
    if flat(inputs[1]) == wanted and rest == wanted:
        return value.gather(-1, indices[0].unsqueeze(-1)).squeeze(-1)
    value = aligned_named(value, rest + picked, [*wanted, picked[0]], lengths)
    index = aligned(indices[0], inputs[1], wanted, lengths)
    value = value.expand([*[lengths[name] for name in wanted], lengths[picked[0]]])
    return value.gather(-1, index.expand([lengths[name] for name in wanted]).unsqueeze(-1)).squeeze(-1)


def aligned_named(value, names, wanted, lengths):
    order = [names.index(name) for name in wanted if name in names]
    value = value.permute(order)
    for i, name in enumerate(wanted):
        if name not in names:
            value = value.unsqueeze(i)
    return value


