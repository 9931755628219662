"""Sizes given once and meant for every axis, as tuples."""


def _ntuple(count, name="parse"):
    def parse(value):
        if isinstance(value, int):
            return (value,) * count
        if hasattr(value, "__iter__"):
            return tuple(value)
        return (value,) * count

    parse.__name__ = name
    return parse


_single = _ntuple(1, "_single")
_pair = _ntuple(2, "_pair")
_triple = _ntuple(3, "_triple")
_quadruple = _ntuple(4, "_quadruple")


def _reverse_repeat_tuple(values, times):
    """`F.pad` lists the last axis first, and each axis once per side."""
    return tuple(value for value in reversed(values) for _ in range(times))


def _list_with_default(out_size, defaults):
    """An output size in which None keeps the input's size on that axis."""
    if isinstance(out_size, (int,)):
        return out_size
    if len(defaults) <= len(out_size):
        raise ValueError(f"Input dimension should be at least {len(out_size) + 1}")
    last = defaults[-len(out_size):]
    return [given if given is not None else default for given, default in zip(out_size, last)]


def consume_prefix_in_state_dict_if_present(state_dict, prefix):
    """Drops a prefix such as `module.` from the keys, in place."""
    for key in list(state_dict.keys()):
        if key.startswith(prefix):
            state_dict[key[len(prefix):]] = state_dict.pop(key)
