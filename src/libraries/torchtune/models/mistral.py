from functools import partial

from ._build import decoder, family, size, with_lora

mistral = decoder
lora_mistral = partial(with_lora, mistral)

family(globals(), mistral, {"mistral_7b": size(32_000, 32, 32, 8, 4096, 14336, 32_768)})
