from torch import nn

from .cache import Cache


class Block(nn.Module):
    """A layer that checkpointing runs again in the backward pass; it is given no cache then, as in transformers."""

    gradient_checkpointing = False

    def __call__(self, *args, **kwargs):
        if not (self.gradient_checkpointing and self.training):
            return super().__call__(*args, **kwargs)
        args = [None if isinstance(one, Cache) else one for one in args]
        kwargs = {name: None if isinstance(one, Cache) else one for name, one in kwargs.items()}
        return self._gradient_checkpointing_func(super().__call__, *args, **kwargs)
