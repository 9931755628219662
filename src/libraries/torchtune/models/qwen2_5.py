from ._build import family
from .qwen2 import _large, _small, qwen2

family(globals(), qwen2, {
    "qwen2_5_0_5b": _small(24, 14, 2, 896, 4864, 32_768),
    "qwen2_5_3b": _small(36, 16, 2, 2048, 11008, 32_768),
    **{
        name % end: sizes(*shape, length)
        for end, length in (("base", 131_072), ("instruct", 32_768))
        for name, sizes, shape in (
            ("qwen2_5_1_5b_%s", _small, (28, 12, 2, 1536, 8960)),
            ("qwen2_5_7b_%s", _large, (28, 28, 4, 3584, 18944)),
            ("qwen2_5_14b_%s", _large, (48, 40, 8, 5120, 13824)),
            ("qwen2_5_32b_%s", _large, (64, 40, 8, 5120, 27648)),
            ("qwen2_5_72b_%s", _large, (80, 64, 8, 8192, 29568)),
        )
    },
})
