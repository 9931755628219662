"""Processors of texts and images: they run before a model, and only their names are needed."""
from typing import TypedDict

from typing_extensions import Unpack

from _assay import unknown as _unknown
from .utils.hub import PushToHubMixin


class TextKwargs(TypedDict, total=False):
    pass


class ImagesKwargs(TypedDict, total=False):
    pass


class VideosKwargs(TypedDict, total=False):
    pass


class AudioKwargs(TypedDict, total=False):
    pass


class CommonKwargs(TypedDict, total=False):
    pass


class ProcessingKwargs(TypedDict, total=False):
    pass


class ProcessorMixin(PushToHubMixin):
    attributes = []

    @classmethod
    def from_pretrained(cls, name, *args, **kwargs):
        return _unknown(f"the processor of {name}")

    def __call__(self, *args, **kwargs):
        return _unknown("what a processor makes of its inputs")


def __getattr__(name):
    return _unknown(f"{name} of processors")
