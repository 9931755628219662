"""Weights are never loaded: their shapes are the model's own."""
import torch


def load_url(url, *args, **kwargs):
    return torch._unknown("weights are not downloaded")
