"""Backbones: networks whose feature maps another model reads, of a family of their own or a ResNet as timm builds it."""
from .auto import config_of, family
from .timm_resnet import RESNETS, TimmResNet


def wanted_stages(config, names):
    """The places in `names` that `out_features` or `out_indices` name; the last one alone where neither is given."""
    features = config.out_features
    indices = config.out_indices if features is None else [names.index(one) for one in features]
    return [len(names) - 1] if indices is None else [i % len(names) for i in indices]


def backbone_config(values):
    """The config of a model's `backbone_config`; that of a timm backbone stays a dictionary."""
    if values.get("model_type") is None:
        raise ValueError("backbone_config has no model_type")
    return values if values["model_type"] == "timm_backbone" else config_of(values)


def backbone_of(config):
    """The backbone of a config, which tells its `channels`; its forward pass appends every layer's state to `states`.

    A ValueError says that a family or a timm network is none of those defined.
    """
    if isinstance(config, dict):
        name = config.get("backbone")
        if name not in RESNETS:
            raise ValueError(f"timm backbone {name!r} is none of {', '.join(RESNETS)}")
        return TimmResNet(name, config)
    name = type(config).__name__.replace("Config", "Backbone")
    made = getattr(family(config.model_type), name, None)
    if made is None:
        raise ValueError(f"no backbone of model_type {config.model_type!r} is known")
    return made(config)
