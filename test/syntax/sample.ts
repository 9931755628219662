/** A text with most of Python in it, as a start for random damage. */
export const sample = `"""A model."""
from __future__ import annotations
import torch, torch.nn as nn
from .layers import (Block, Norm as LayerNorm,)
from typing import *

# assay: Model(cfg)(float32[B, 3])
LIMIT: int = 0x1F; RATE = 1_000.5e-3; BIG = 123456789012345678901234567890


@dataclass(frozen=True)
class Config:
    width: int = 64
    names: list[str] = field(default_factory=lambda: ["a", "b"])

    @property
    def heads(self) -> int:
        return self.width // 8 if self.width >= 8 else 1


class Attention(nn.Module, metaclass=Meta):
    '''Docs with "quotes" and a # no comment.'''

    def __init__(self, config, *args, dropout=0.1, **kwargs):
        super().__init__()
        self.qkv = nn.Linear(config.width, 3 * config.width, bias=False)  # the projection
        self.layers = nn.ModuleList([Block(config) for _ in range(config.depth) if _ % 2 == 0])
        self.scale = (config.width // config.heads) ** -0.5
        try:
            import flash_attn
        except (ImportError, OSError) as error:
            self.flash = None
        else:
            self.flash = flash_attn
        finally:
            pass

    def forward(self, x, /, mask=None, *, causal: bool = True):
        B, T, C = x.shape
        q, k, v = self.qkv(x).view(B, T, 3, -1).unbind(2)
        if mask is not None and not causal:
            mask = mask[:, None, ..., ::2] + \\
                torch.zeros_like(mask)
        elif (n := len(x)) > 3:
            raise ValueError(f"{n!r:>{B}} is {x.shape[1]:.2f} and {{T}}" "more") from None
        else:
            assert 0 < T <= 8, "too long"
        for i, (a, *b) in enumerate(zip(q, k)):
            x[i] += a @ b[0] - ~i | {1, 2}
            if i: continue
            break
        else:
            del q, k
        with torch.no_grad(), autocast("cuda") as amp:
            global count
            count = yield from gen(*a, **{"key": [1], **kwargs})
        while True:
            return {k: v for k, v in x.items()}, not a, lambda y, *z: (y, z)

    async def later(self):
        async with lock:
            return [await x async for x in rows()]


match command:
    case {"go": [x, *_], **rest} if x:
        pass
    case Point(x=0, y=-1) | None:
        pass

if __name__ == "__main__":
    print(Attention(Config()))
`;
