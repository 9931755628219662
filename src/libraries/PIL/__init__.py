"""Pillow: pictures, which are read and changed before a model sees them."""
from _assay import unknown as _unknown

__version__ = "11.0.0"
from . import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont, ImageOps


class UnidentifiedImageError(OSError):
    pass


def __getattr__(name):
    return _unknown(f"PIL.{name}")
