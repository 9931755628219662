"""A table of classes by name."""
from _libraries.registry import Registry
