"""Models of timm: the vision transformer that others extend, and the registry."""
from . import helpers, layers, registry, vision_transformer
from .registry import create_model, is_model, list_models, register_model
