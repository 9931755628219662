import functools

from torch import nn

from .cache import Cache


class Block(nn.Module):
    """A layer that checkpointing runs again in the backward pass; it is given no cache then, as in transformers.

    `positional`: how many arguments the region is handed, which autograd saves; the others it only holds.
    """

    gradient_checkpointing = False
    positional = 1

    def __call__(self, *args, **kwargs):
        if not (self.gradient_checkpointing and self.training):
            return super().__call__(*args, **kwargs)
        args = tuple(None if isinstance(one, Cache) else one for one in args)
        kwargs = {name: None if isinstance(one, Cache) else one for name, one in kwargs.items()}
        held = functools.partial(self.run_again, args[self.positional :], kwargs)
        return self._gradient_checkpointing_func(held, *args[: self.positional])

    def run_again(self, rest, kwargs, *args):
        return super().__call__(*args, *rest, **kwargs)
