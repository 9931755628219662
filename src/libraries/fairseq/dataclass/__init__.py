"""The base of configurations."""
from dataclasses import dataclass
from enum import Enum


@dataclass
class FairseqDataclass:
    _name: str = None


def ChoiceEnum(choices):
    return Enum("Choices", {one: one for one in choices})
