"""Patterns of einx: axes by name, groups in parentheses, brackets around axes that an operation works along."""
from collections import namedtuple

#: One axis of a tensor: the names that it is made of, and those of them in brackets.
Group = namedtuple("Group", ["names", "reduced"])


def expression(pattern, count):
    """The axes of each input, and those of the output or None where it is not written."""
    left, arrow, right = pattern.partition("->")
    inputs = [_side(text) for text in left.split(",")]
    while len(inputs) < count:
        inputs.append([])
    return inputs[:count], (_side(right) if arrow else None)


def _side(text):
    groups, group, marked, depth = [], None, [], 0
    for word in text.replace("(", " ( ").replace(")", " ) ").replace("[", " [ ").replace("]", " ] ").split():
        if word == "(":
            group = []
        elif word == ")":
            groups.append(Group(tuple(group), tuple(name for name in group if name in marked)))
            group = None
        elif word == "[":
            depth = depth + 1
        elif word == "]":
            depth = depth - 1
        else:
            name = word if not word.isdecimal() else "#" + word + "#" + str(len(groups)) + str(len(group or ()))
            if depth:
                marked.append(name)
            if group is None:
                groups.append(Group((name,), (name,) if depth else ()))
            else:
                group.append(name)
    return groups


def flat(side):
    return [name for group in side for name in group.names]


def solved(inputs, values, sizes):
    """Each axis with its length; an ellipsis is written out in place, in the inputs themselves."""
    lengths = dict(sizes)
    for side, value in zip(inputs, values):
        dots = [i for i, group in enumerate(side) if group.names == ("...",)]
        if dots:
            rest = len(value.shape) - len(side) + 1
            side[dots[0] : dots[0] + 1] = [Group(("..." + str(i),), ()) for i in range(rest)]
        if len(side) != len(value.shape):
            raise ValueError("einx: %d axes are named, and the tensor has %d" % (len(side), len(value.shape)))
        for group, size in zip(side, value.shape):
            _solve(group, size, lengths)
    lengths[""] = [name for side in inputs for name in flat(side) if name.startswith("...")]
    return lengths


def _solve(group, size, lengths):
    missing, product = [], 1
    for name in group.names:
        if name.startswith("#"):
            lengths[name] = int(name.split("#")[1])
        if name in lengths:
            product = product * lengths[name]
        else:
            missing.append(name)
    if len(missing) == 1:
        lengths[missing[0]] = size // product
    elif len(missing) > 1:
        raise ValueError("einx: the sizes of " + ", ".join(missing) + " are not known")
    elif product != size and product != 1:
        raise ValueError("einx: axis %s has %s elements, and the tensor has %s" % (" ".join(group.names), product, size))


def named_sizes(output, lengths, sizes):
    for group in output:
        for name in group.names:
            if name.startswith("#"):
                lengths[name] = int(name.split("#")[1])


def output_of(inputs):
    """The input that names every axis, where the output is not written."""
    names = set(name for side in inputs for name in flat(side))
    for side in inputs:
        if set(flat(side)) == names:
            return list(side)
    raise ValueError("einx: the output of an operation on these axes has to be written")


def spread(output, lengths):
    dots = list(dict.fromkeys(lengths[""]))
    groups = []
    for group in output:
        if group.names == ("...",):
            groups.extend(Group((name,), ()) for name in dots)
        else:
            groups.append(group)
    return groups


def aligned(value, side, wanted, lengths):
    """The tensor with its axes in the order wanted, axes of one element where it has none."""
    names = flat(side)
    dots = list(dict.fromkeys(lengths[""]))
    wanted = [one for name in wanted for one in (dots if name == "..." else [name])]
    if any(len(group.names) != 1 for group in side):
        value = value.reshape([lengths[name] for name in names])
    # An axis that the output writes as a number stands apart from the inputs' own.
    wanted = [name for name in wanted]
    order = [names.index(name) for name in wanted if name in names]
    if order != list(range(len(names))):
        value = value.permute(order)
    at = [slice(None) if name in names else None for name in wanted]
    return value[tuple(at)] if None in at else value


def grouped(value, output, lengths):
    groups = spread(output, lengths)
    if all(len(group.names) == 1 for group in groups):
        return value
    shape, at = [], 0
    for group in groups:
        length = 1
        for _ in group.names:
            length = length * value.shape[at]
            at = at + 1
        shape.append(length)
    return value.reshape(shape)
