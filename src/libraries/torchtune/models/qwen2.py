from functools import partial

import torch
from torchtune.modules import RotaryPositionalEmbeddings

from ._build import decoder, family, size, with_lora


class Qwen2RotaryPositionalEmbeddings(RotaryPositionalEmbeddings):
    """Halves turned against each other, in the input's own type."""

    def __init__(self, dim, max_seq_len=4096, base=1_000_000.0):
        super().__init__(dim, max_seq_len, base)

    def build_rope_cache(self, max_seq_len=4096):
        positions = torch.arange(max_seq_len, dtype=self.theta.dtype, device=self.theta.device)
        angles = torch.einsum("i, j -> ij", positions, self.theta).float()
        angles = torch.cat([angles, angles], dim=-1)
        self.register_buffer("cache", torch.cat([angles.cos(), angles.sin()], dim=-1), persistent=False)

    def forward(self, x, input_pos=None):
        width = x.size(-1)
        turns = self.cache[: x.size(1)] if input_pos is None else self.cache[input_pos]
        turns = turns.view(-1, x.size(1), 1, 2 * width)
        cos, sin = turns[..., :width].to(x.dtype), turns[..., width:].to(x.dtype)
        turned = torch.cat((-x[..., width // 2 :], x[..., : width // 2]), dim=-1)
        return ((x * cos) + (turned * sin)).type_as(x)


def qwen2(q_proj_bias=True, k_proj_bias=True, v_proj_bias=True, rope_base=1_000_000.0, **sizes):
    biases = [name for name, has in (("q_proj", q_proj_bias), ("k_proj", k_proj_bias), ("v_proj", v_proj_bias)) if has]
    return decoder(rope=Qwen2RotaryPositionalEmbeddings, rope_base=rope_base, biases=biases, **sizes)


lora_qwen2 = partial(with_lora, qwen2)
_small = partial(size, 151_936, norm_eps=1e-6, tie_word_embeddings=True)
_large = partial(size, 152_064, norm_eps=1e-6)

family(globals(), qwen2, {
    "qwen2_0_5b": _small(24, 14, 2, 896, 4864, 32_768),
    "qwen2_1_5b": _small(28, 12, 2, 1536, 8960, 32_768),
    "qwen2_7b": _large(28, 28, 4, 3584, 18944, 32_768),
})
