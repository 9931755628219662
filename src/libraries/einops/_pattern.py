"""Patterns such as `b (h w) c -> b h w c`, read into groups of axes, and the steps that carry one out."""
from collections import namedtuple


class EinopsError(RuntimeError):
    pass


#: One side of a pattern: a tuple of groups; a group is a tuple of axis names, "..." stands for the axes not named,
#: "(...)" for their product.
Side = namedtuple("Side", ["groups", "names"])

#: What to do to a tensor of a given number of axes. `lengths` says for each axis on the left how long it is: a number,
#: a keyword's name, or None where the tensor tells.
Plan = namedtuple("Plan", ["left", "lengths", "inferred", "reshaped", "order", "reduced", "kept", "added", "right"])

_sides = {}
_plans = {}


def read_side(text):
    """The groups of one side. A `1` is a group of no axes."""
    known = _sides.get(text)
    if known is not None:
        return known
    groups, names, group = [], [], None
    for word in text.replace("(", " ( ").replace(")", " ) ").replace("...", " ... ").split():
        if word == "(":
            if group is not None:
                raise EinopsError("Axis composition is one-level (brackets inside brackets not allowed)")
            group = []
        elif word == ")":
            if group is None:
                raise EinopsError("Brackets are not balanced")
            groups.append(tuple(group))
            group = None
        else:
            name = _axis(word, names, text)
            if name == "..." and group is not None:
                name = "(...)"
            if name is None:
                if group is None:
                    groups.append(())
                continue
            names.append(name)
            if group is None:
                groups.append((name,))
            else:
                group.append(name)
    if group is not None:
        raise EinopsError("Imbalanced parentheses in expression: \"" + text + "\"")
    side = Side(tuple(groups), tuple(names))
    _sides[text] = side
    return side


def _axis(word, names, text):
    """A name, "..." or a number as text with a mark that keeps equal numbers apart; None for 1."""
    if word == "1":
        return None
    if word.isdecimal():
        if word == "0":
            raise EinopsError("Anonymous axis should have positive length, not 0")
        return "#" + word + "#" + str(len(names))
    if word != "..." and word != "_" and not (word.isidentifier() and word[0] != "_" and word[-1] != "_"):
        raise EinopsError("Invalid axis identifier: " + word + "\n not a valid python identifier")
    if word in names or (word == "..." and "(...)" in names):
        raise EinopsError("Indexing expression contains duplicate dimension \"" + word + "\"" if word != "..." else
                          "Expression may contain dots only inside ellipsis (...); only one ellipsis for tensor")
    return word


def number(name):
    """The length that a numeric axis states."""
    return int(name.split("#")[1]) if name.startswith("#") else None


def plan(pattern, operation, given, ndim):
    """The steps for a pattern. Raises EinopsError with the axes that do not fit."""
    key = (pattern, operation, given, ndim)
    known = _plans.get(key)
    if known is None:
        known = _plans[key] = _planned(pattern, operation, given, ndim)
    return known


def _planned(pattern, operation, given, ndim):
    if pattern.count("->") != 1:
        raise EinopsError("Pattern must contain exactly one ->: " + pattern)
    left_text, right_text = pattern.split("->")
    left, right = read_side(left_text), read_side(right_text)
    if "(...)" in left.names:
        raise EinopsError("Ellipsis inside parenthesis in the left side is not allowed: " + pattern)
    if "..." not in left.names and ("..." in right.names or "(...)" in right.names):
        raise EinopsError("Ellipsis found in right side, but not left side of a pattern " + pattern)
    _check(left, right, operation, given, pattern)
    rest = ndim - (len(left.groups) - 1) if "..." in left.names else 0
    if "..." in left.names:
        if rest < 0:
            raise EinopsError("Wrong shape: expected >=%d dims. Received %d-dim tensor." % (len(left.groups) - 1, ndim))
    elif len(left.groups) != ndim:
        raise EinopsError("Wrong shape: expected %d dims. Received %d-dim tensor." % (len(left.groups), ndim))
    dots = tuple("..." + str(i) for i in range(rest))
    left_groups, right_groups = _spread(left, dots), _spread(right, dots)
    axes = [name for group in left_groups for name in group]
    wanted = [name for group in right_groups for name in group]
    reduced = [name for name in axes if name not in wanted]
    order = [name for name in wanted if name in axes] + reduced
    lengths, inferred, reshaped = [], [], False
    for group in left_groups:
        own = [number(name) or (name if name in given else None) for name in group]
        missing = [i for i, length in enumerate(own) if length is None]
        if len(missing) > 1:
            raise EinopsError("Could not infer sizes for {" + ", ".join(repr(group[i]) for i in missing) + "}")
        inferred.append(missing[0] if missing else None)
        lengths.append(tuple(own))
        reshaped = reshaped or own != [None]
    places = [axes.index(name) for name in order]
    return Plan(
        left=left_groups,
        lengths=tuple(lengths),
        inferred=tuple(inferred),
        reshaped=reshaped,
        order=None if places == sorted(places) else tuple(places),
        reduced=tuple(range(len(order) - len(reduced), len(order))),
        kept=tuple(order[: len(order) - len(reduced)]),
        added=tuple((i, number(name) or name) for i, name in enumerate(wanted) if name not in axes),
        right=None if all(len(group) == 1 for group in right_groups) else right_groups,
    )


def _spread(side, dots):
    """The groups with the ellipsis written out; in brackets its axes are one."""
    groups = []
    for group in side.groups:
        if group == ("...",):
            groups.extend((name,) for name in dots)
        else:
            groups.append(tuple(one for name in group for one in (dots if name == "(...)" else (name,))))
    return tuple(groups)


def _check(left, right, operation, given, pattern):
    plain = lambda names: {name for name in names if not name.startswith("#") and "..." not in name}
    there, wanted = plain(left.names), plain(right.names)
    if operation == "rearrange":
        if any(name.startswith("#") for name in left.names + right.names):
            raise EinopsError("Non-unitary anonymous axes are not supported in rearrange (exception is length 1)")
        if there != wanted:
            raise EinopsError("Identifiers only on one side of expression (should be on both): " + _set(there ^ wanted))
    elif operation == "repeat":
        lost = there - wanted
        if lost:
            raise EinopsError("Unexpected identifiers on the left side of repeat: " + _set(lost))
        lost = wanted - there - set(given)
        if lost:
            raise EinopsError("Specify sizes for new axes in repeat: " + _set(lost))
    else:
        lost = wanted - there
        if lost:
            raise EinopsError("Unexpected identifiers on the right side of reduce " + operation + ": " + _set(lost))
    for name in given:
        if not name.isidentifier():
            raise EinopsError("Invalid name for an axis: " + name)
        if name not in there and not (operation == "repeat" and name in wanted):
            raise EinopsError("Axis " + name + " is not used in transform")


def _set(names):
    return "{" + ", ".join(repr(name) for name in sorted(names)) + "}"
