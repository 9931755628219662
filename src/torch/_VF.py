"""Functions by the name of their table in C++."""
import torch


def __getattr__(name):
    return getattr(torch, name)
