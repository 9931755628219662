from functools import partial

from ._build import decoder, family, size, with_lora
from .llama3_1 import Llama3ScaledRoPE


def llama3_2(scale_factor=32, tie_word_embeddings=True, rope_base=500_000, **sizes):
    rope = partial(Llama3ScaledRoPE, scale_factor=scale_factor)
    return decoder(rope=rope, rope_base=rope_base, tie_word_embeddings=tie_word_embeddings, **sizes)


lora_llama3_2 = partial(with_lora, llama3_2, own_positions=False)

family(globals(), llama3_2, {
    "llama3_2_1b": size(128_256, 16, 32, 8, 2048, 8192, 131_072),
    "llama3_2_3b": size(128_256, 28, 24, 8, 3072, 8192, 131_072),
}, own_positions=False)
