"""Minimal PyTorch definitions of model families: attribute paths, parameters and operations as transformers has them."""
