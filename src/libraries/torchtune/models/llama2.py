from functools import partial

from ._build import decoder, family, size, with_lora

llama2 = decoder
lora_llama2 = partial(with_lora, llama2)

family(globals(), llama2, {
    "llama2_7b": size(32_000, 32, 32, 32, 4096, None, 4096),
    "llama2_13b": size(32_000, 40, 40, 40, 5120, 13824, 4096),
    "llama2_70b": size(32_000, 80, 64, 8, 8192, 28672, 4096),
})
