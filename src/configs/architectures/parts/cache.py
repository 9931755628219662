"""The KV cache, and what each layer keeps per token, whether or not a cache is used."""
import torch

from assay import kv_cache


class Cache:
    """Keys and values of the layers seen so far."""

    def __init__(self):
        self.layers = {}

    def length(self):
        for keys, _ in self.layers.values():
            return keys.shape[-2]
        return 0

    def update(self, key, value, layer):
        """The keys and values up to now, the new ones at the end: a copy, as transformers' dynamic cache makes it."""
        past = self.layers.get(layer)
        if past is None:
            past = torch.tensor([], dtype=key.dtype, device=key.device), torch.tensor([], dtype=value.dtype, device=value.device)
        keys = torch.cat([past[0], key], dim=-2)
        values = torch.cat([past[1], value], dim=-2)
        self.layers[layer] = keys, values
        return keys, values


def keep(key, value, cache, layer, window=None):
    """Notes what a layer caches, and gives the keys and values to attend to."""
    kv_cache(key, value)
    return (key, value) if cache is None else cache.update(key, value, layer)
