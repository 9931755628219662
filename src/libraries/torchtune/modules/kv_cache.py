import torch
from torch import nn


class KVCache(nn.Module):
    """Keys and values for every position there may be, filled in place."""

    def __init__(self, batch_size, max_seq_len, num_kv_heads, head_dim, dtype):
        super().__init__()
        shape = (batch_size, num_kv_heads, max_seq_len, head_dim)
        self.register_buffer("k_cache", torch.zeros(shape, dtype=dtype), persistent=False)
        self.register_buffer("v_cache", torch.zeros(shape, dtype=dtype), persistent=False)
        self.register_buffer("cache_pos", torch.arange(0, max_seq_len), persistent=False)
        self.batch_size = batch_size

    @property
    def size(self):
        return self.cache_pos[0].item()

    def reset(self):
        self.k_cache.zero_()
        self.v_cache.zero_()
        self.cache_pos -= self.size

    def update(self, k_val, v_val):
        batch, _, length, _ = k_val.shape
        if batch > self.k_cache.shape[0]:
            raise ValueError(
                "The current cache has been setup with a batch size of %s, but found new key tensors with batch size %s!"
                % (self.k_cache.shape[0], batch)
            )
        filled = self.cache_pos[:length]
        self.k_cache[:, :, filled] = k_val
        self.v_cache[:, :, filled] = v_val
        self.cache_pos.add_(length)
        return self.k_cache, self.v_cache
