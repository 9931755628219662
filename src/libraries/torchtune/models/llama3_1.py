from functools import partial

from torchtune.modules import RotaryPositionalEmbeddings

from ._build import decoder, family, size, with_lora


class Llama3ScaledRoPE(RotaryPositionalEmbeddings):
    """Slow turns stretched for long contexts: other numbers, of the same sizes."""

    def __init__(self, dim, max_seq_len=4096, base=10_000, scale_factor=8, low_freq_factor=1, high_freq_factor=4,
                 old_context_len=8192):
        self.scale_factor = scale_factor
        super().__init__(dim, max_seq_len, base)


llama3_1 = partial(decoder, rope=Llama3ScaledRoPE, rope_base=500_000)
lora_llama3_1 = partial(with_lora, llama3_1, own_positions=False)

family(globals(), llama3_1, {
    "llama3_1_8b": size(128_256, 32, 32, 8, 4096, 14336, 131_072),
    "llama3_1_70b": size(128_256, 80, 64, 8, 8192, 28672, 131_072),
    "llama3_1_405b": size(128_256, 126, 128, 8, 16384, 53248, 131_072),
}, own_positions=False)
