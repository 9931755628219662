"""Marks for torch.compile."""


def _marked(fn=None, *args, **kwargs):
    return (lambda found: found) if fn is None else fn


disable = allow_in_graph = assume_constant_result = substitute_in_graph = compile = disallow_in_graph = _marked


def is_compiling():
    return False


is_dynamo_compiling = is_exporting = is_compiling


def reset():
    return None


def cudagraph_mark_step_begin():
    return None
