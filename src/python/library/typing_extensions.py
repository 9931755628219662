from typing import *
from typing import _Form
import typing as _typing

Buffer = object
NoDefault = None
Doc = _Form("Doc")


def __getattr__(name):
    return getattr(_typing, name)
