"""Building and loading: nothing is downloaded."""
from _assay import unknown as _unknown
from timm.layers import named_apply


def load_pretrained(model, *args, **kwargs):
    pass


load_checkpoint = load_custom_pretrained = load_pretrained


def build_model_with_cfg(model_cls, variant, pretrained=False, pretrained_cfg=None, pretrained_filter_fn=None, feature_cfg=None, **kwargs):
    kwargs.pop("kwargs_filter", None)
    for name in ("default_cfg", "pretrained_cfg_overlay", "pretrained_strict", "pretrained_custom_load"):
        kwargs.pop(name, None)
    if kwargs.pop("features_only", False):
        return _unknown("timm's feature extraction is not modelled")
    model = model_cls(**kwargs)
    model.default_cfg = model.pretrained_cfg = pretrained_cfg
    return model


def resolve_pretrained_cfg(variant, *args, **kwargs):
    return {}


def checkpoint_seq(functions, x, every=1, flatten=False, skip_last=False, preserve_rng_state=True):
    for one in functions:
        x = one(x)
    return x


def overlay_external_default_cfg(default_cfg, kwargs):
    return default_cfg
