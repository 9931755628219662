from functools import partial

from ._build import decoder, family, size, with_lora

llama3 = partial(decoder, rope_base=500_000)
lora_llama3 = partial(with_lora, llama3)

family(globals(), llama3, {
    "llama3_8b": size(128_256, 32, 32, 8, 4096, 14336, 8192),
    "llama3_70b": size(128_256, 80, 64, 8, 8192, 28672, 8192),
})
