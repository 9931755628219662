"""Small things."""
import torch
import torch.nn.functional as F


def get_activation_fn(activation):
    known = {"relu": F.relu, "gelu": F.gelu, "gelu_fast": lambda x: F.gelu(x, approximate="tanh"), "tanh": torch.tanh, "linear": lambda x: x, "swish": F.silu}
    if activation not in known:
        raise RuntimeError("--activation-fn {} not supported".format(activation))
    return known[activation]


def softmax(x, dim, onnx_trace=False):
    return F.softmax(x, dim=dim, dtype=torch.float32)


def log_softmax(x, dim, onnx_trace=False):
    return F.log_softmax(x, dim=dim, dtype=torch.float32)


def fill_with_neg_inf(t):
    return t.float().fill_(float("-inf")).type_as(t)


def eval_str_list(x, type=float):
    return None if x is None else [type(one) for one in (eval(x) if isinstance(x, str) else x)]


def item(tensor):
    return tensor.item() if hasattr(tensor, "item") else tensor


def safe_hasattr(obj, k):
    return getattr(obj, k, None) is not None


def safe_getattr(obj, k, default=None):
    return getattr(obj, k, default)
