"""ml_collections: configurations as dictionaries with attributes."""
from .config_dict import ConfigDict, FieldReference, FrozenConfigDict
