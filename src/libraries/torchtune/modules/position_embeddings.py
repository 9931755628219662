import torch
from torch import nn


class RotaryPositionalEmbeddings(nn.Module):
    """Pairs of neighbours turned by an angle that grows with the position."""

    def __init__(self, dim, max_seq_len=4096, base=10_000):
        super().__init__()
        self.dim, self.base, self.max_seq_len = dim, base, max_seq_len
        self.rope_init()

    def rope_init(self):
        exponents = torch.arange(0, self.dim, 2)[: self.dim // 2].float() / self.dim
        self.register_buffer("theta", 1.0 / (self.base ** exponents), persistent=False)
        self.build_rope_cache(self.max_seq_len)

    def build_rope_cache(self, max_seq_len=4096):
        positions = torch.arange(max_seq_len, dtype=self.theta.dtype, device=self.theta.device)
        angles = torch.einsum("i, j -> ij", positions, self.theta).float()
        self.register_buffer("cache", torch.stack([torch.cos(angles), torch.sin(angles)], dim=-1), persistent=False)

    def forward(self, x, *, input_pos=None):
        turns = self.cache[: x.size(1)] if input_pos is None else self.cache[input_pos]
        pairs = x.float().reshape(*x.shape[:-1], -1, 2)
        turns = turns.view(-1, pairs.size(1), 1, pairs.size(3), 2)
        turned = torch.stack(
            [
                pairs[..., 0] * turns[..., 0] - pairs[..., 1] * turns[..., 1],
                pairs[..., 1] * turns[..., 0] + pairs[..., 0] * turns[..., 1],
            ],
            -1,
        )
        return turned.flatten(3).type_as(x)
