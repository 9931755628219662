"""No class overrides torch's functions."""


def has_torch_function(*args):
    return False


has_torch_function_unary = has_torch_function_variadic = is_tensor_method_or_property = has_torch_function


def is_tensor_like(inp):
    import torch

    return isinstance(inp, torch.Tensor)


def handle_torch_function(public_api, relevant_args, *args, **kwargs):
    return public_api(*args, **kwargs)


def wrap_torch_function(dispatcher):
    return lambda func: func


class TorchFunctionMode:
    def __enter__(self):
        return self

    def __exit__(self, *args):
        return False
