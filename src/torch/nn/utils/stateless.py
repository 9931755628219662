"""A module called with other tensors in place of its own."""

from contextlib import contextmanager


@contextmanager
def _reparametrize_module(module, parameters_and_buffers, tie_weights=False, strict=False, stack_weights=False):
    given = dict(parameters_and_buffers)
    if tie_weights:
        given = with_ties(module, given)
    before = []
    try:
        for path, value in given.items():
            owner_path, _, name = path.rpartition(".")
            owner = module.get_submodule(owner_path)
            members = owner._parameters if name in owner._parameters else owner._buffers
            if name not in members:
                raise KeyError(f"{path} is no parameter or buffer of the module")
            before.append((members, name, members[name]))
            members[name] = value
        yield
    finally:
        for members, name, value in reversed(before):
            members[name] = value


def with_ties(module, given):
    """What replaces a tensor replaces it under each of its names."""
    names = {}
    for listed in (module.named_parameters(remove_duplicate=False), module.named_buffers(remove_duplicate=False)):
        for name, value in listed:
            names.setdefault(value, []).append(name)
    tied = dict(given)
    for group in names.values():
        chosen = [given[name] for name in group if name in given]
        if chosen:
            for name in group:
                tied.setdefault(name, chosen[0])
    return tied


def functional_call(module, parameters_and_buffers, args=None, kwargs=None, *, tie_weights=True, strict=False):
    if isinstance(parameters_and_buffers, (tuple, list)):
        merged = {}
        for part in parameters_and_buffers:
            merged.update(part)
        parameters_and_buffers = merged
    args = () if args is None else args if isinstance(args, tuple) else (args,)
    with _reparametrize_module(module, parameters_and_buffers, tie_weights, strict):
        return module(*args, **({} if kwargs is None else kwargs))
