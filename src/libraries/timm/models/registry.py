"""Models by the names of the functions that make them."""
from _assay import unknown as _unknown

_entrypoints = {}


def register_model(fn):
    _entrypoints[fn.__name__] = fn
    return fn


def create_model(model_name, pretrained=False, **kwargs):
    name = model_name.split(".")[0].rpartition("/")[2]
    if name not in _entrypoints:
        return _unknown("timm's source, which defines " + str(model_name) + ", was not found")
    return _entrypoints[name](pretrained=pretrained, **kwargs)


def is_model(model_name):
    return model_name in _entrypoints


def list_models(*args, **kwargs):
    return sorted(_entrypoints)


def model_entrypoint(model_name):
    return _entrypoints[model_name]


def generate_default_cfgs(cfgs):
    return cfgs


def register_model_deprecations(*args, **kwargs):
    pass
