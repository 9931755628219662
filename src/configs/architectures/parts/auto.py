"""Configs and base models by `model_type`, for models made of parts."""
import importlib

#: Files that hold model types which are not called as the file is.
FILES = {
    "gemma3_text": "gemma3",
    "chinese_clip_text_model": "chinese_clip",
    "chinese_clip_vision_model": "chinese_clip",
    "clip_text_model": "clip",
    "clip_vision_model": "clip",
    "siglip_text_model": "siglip",
    "siglip_vision_model": "siglip",
}


def family(model_type):
    """The module that defines a model type."""
    name = FILES.get(model_type, model_type).replace("-", "_")
    return importlib.import_module(f"assay.architectures.{name}")


def config_of(values):
    model_type = values["model_type"]
    found = family(model_type)
    for one in vars(found).values():
        if isinstance(one, type) and getattr(one, "model_type", None) == model_type:
            return one(**values)
    raise ValueError(f"model_type {model_type!r} is not known")


def model_of(config):
    """The base model of a config's family."""
    name = type(config).__name__.replace("Config", "Model")
    return getattr(family(config.model_type), name)(config)
