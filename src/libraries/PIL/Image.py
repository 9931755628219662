"""Pictures: the class, and the names of filters and directions."""
from enum import IntEnum

from _assay import unknown as _unknown


class Transpose(IntEnum):
    FLIP_LEFT_RIGHT = 0
    FLIP_TOP_BOTTOM = 1
    ROTATE_90 = 2
    ROTATE_180 = 3
    ROTATE_270 = 4
    TRANSPOSE = 5
    TRANSVERSE = 6


class Transform(IntEnum):
    AFFINE = 0
    EXTENT = 1
    PERSPECTIVE = 2
    QUAD = 3
    MESH = 4


class Resampling(IntEnum):
    NEAREST = 0
    LANCZOS = 1
    BILINEAR = 2
    BICUBIC = 3
    BOX = 4
    HAMMING = 5


class Dither(IntEnum):
    NONE = 0
    ORDERED = 1
    RASTERIZE = 2
    FLOYDSTEINBERG = 3


NEAREST, LANCZOS, BILINEAR, BICUBIC, BOX, HAMMING = Resampling
AFFINE, EXTENT, PERSPECTIVE, QUAD, MESH = Transform
FLIP_LEFT_RIGHT, FLIP_TOP_BOTTOM, ROTATE_90, ROTATE_180, ROTATE_270, TRANSPOSE, TRANSVERSE = Transpose
MAX_IMAGE_PIXELS = 89478485


class Image:
    def __getattr__(self, name):
        return _unknown(f"{name} of a picture")


def open(fp, mode="r", formats=None):
    return _unknown(f"the picture {fp}")


def __getattr__(name):
    return _unknown(f"PIL.Image.{name}")
