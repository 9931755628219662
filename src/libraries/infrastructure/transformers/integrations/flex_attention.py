"""FlexAttention as an attention function: read from the library's own text when it is called."""
from _assay import original as _original


def flex_attention_forward(*args, **kwargs):
    return _original(__name__).flex_attention_forward(*args, **kwargs)


def __getattr__(name):
    return getattr(_original(__name__), name)
