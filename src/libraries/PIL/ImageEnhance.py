"""Part of Pillow."""
from _assay import unknown as _unknown


def __getattr__(name):
    return _unknown(f"PIL.ImageEnhance.{name}")
