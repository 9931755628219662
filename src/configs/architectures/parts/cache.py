"""The KV cache, and what each layer keeps per token, whether or not a cache is used."""
import torch

from assay import kv_cache


class Cache:
    """Keys and values of the layers seen so far."""

    def __init__(self):
        self.layers = {}
        self.crossed = {}
        self.seen = {}
        self.convolved = {}
        self.recurrent = {}
        self.indexed = {}

    def length(self, layer=None):
        """How many tokens a layer has seen; the first, where none is named."""
        return next(iter(self.seen.values()), 0) if layer is None else self.seen.get(layer, 0)

    def span(self, length, window):
        """How many keys the next tokens meet in a layer of that window, and where the first of them stands."""
        past = self.length()
        if window is None or past < window:
            return past + length, 0
        return window - 1 + length, past - window + 1

    def update(self, key, value, layer, window=None):
        """The keys and values up to now, the new ones at the end: a copy in the keys' type, as transformers' dynamic cache makes it."""
        past = self.layers.get(layer)
        self.seen[layer] = self.length(layer) + key.shape[-2]
        if past is None:
            past = torch.tensor([], dtype=key.dtype, device=key.device), torch.tensor([], dtype=key.dtype, device=value.device)
        keys = torch.cat([past[0], key], dim=-2)
        values = torch.cat([past[1], value], dim=-2)
        if window is None:
            self.layers[layer] = keys, values
        else:
            self.layers[layer] = keys[:, :, -window + 1 :, :], values[:, :, -window + 1 :, :]
        return keys, values

    def index(self, key, layer):
        """The keys `[B, T, width]` that an indexer reads, up to now."""
        past = self.indexed.get(layer)
        if past is None:
            past = torch.tensor([], dtype=key.dtype, device=key.device)
        self.indexed[layer] = torch.cat([past, key], dim=1)
        return self.indexed[layer]

    def cross(self, layer, make):
        """The keys and values of an encoder's output, made for the first token and kept, as copies, for the others."""
        if layer not in self.crossed:
            key, value = make()
            empty = torch.tensor([], dtype=key.dtype, device=key.device), torch.tensor([], dtype=key.dtype, device=value.device)
            self.crossed[layer] = torch.cat([empty[0], key], dim=-2), torch.cat([empty[1], value], dim=-2)
        return self.crossed[layer]


def keep(key, value, cache, layer, window=None, sight=None, kind="keys"):
    """Notes what a layer caches, and gives the keys and values to attend to.

    `kind`: `crossed` for what an encoder made, which no token adds to. `window`: how many tokens the cache keeps. `sight`: how many the layer looks back over where the cache keeps them all.
    """
    kv_cache(key, value, sight if window is None else window, kind, window is not None)
    return (key, value) if cache is None else cache.update(key, value, layer, window)


def keep_crossed(make, cache, layer):
    """Notes the keys and values that a layer caches of an encoder's output, and gives them."""
    key, value = make() if cache is None else cache.cross(layer, make)
    kv_cache(key, value, None, "crossed")
    return key, value


def keep_index(key, cache, layer):
    """Notes the keys `[B, T, width]` that only pick tokens, and gives those up to now."""
    kv_cache(key, None, None, "index")
    return key if cache is None else cache.index(key, layer)
