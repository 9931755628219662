"""Functions with a backward pass of their own: `forward` runs unfollowed, and what it saves stays alive."""
import torch
from torch._modes import attach, set_grad_enabled as _set


class FunctionCtx:
    def __init__(self, needs_input_grad=()):
        self.saved_tensors = ()
        self.needs_input_grad = needs_input_grad

    @property
    def saved_variables(self):
        return self.saved_tensors

    def save_for_backward(self, *tensors):
        self.saved_tensors = tensors

    def save_for_forward(self, *tensors):
        pass

    def mark_dirty(self, *args):
        pass

    def mark_non_differentiable(self, *args):
        self.non_differentiable = args

    def set_materialize_grads(self, value):
        pass


class Function(FunctionCtx):
    @classmethod
    def apply(cls, *args, **kwargs):
        ctx = FunctionCtx(tuple(isinstance(x, torch.Tensor) and x.requires_grad for x in args))
        before = _set(False)
        try:
            if "setup_context" in _names(cls):
                outputs = cls.forward(*args, **kwargs)
                cls.setup_context(ctx, args, outputs)
            else:
                outputs = cls.forward(ctx, *args, **kwargs)
        finally:
            _set(before)
        if isinstance(outputs, torch.Tensor) and any(outputs is x for x in args):
            outputs = outputs.view_as(outputs)
        kept = [x for x in ctx.saved_tensors if x is not None]
        kept += [x for x in vars(ctx).values() if isinstance(x, torch.Tensor)]


        def gradients(grads):
            given = cls.backward(ctx, *[None if one is None else one for one in grads])
            return tuple(given) if isinstance(given, (tuple, list)) else (given,)

        attach(outputs, args, kept, cls.__name__ + "Backward", gradients)
        return outputs

    @staticmethod
    def forward(ctx, *args, **kwargs):
        raise NotImplementedError("You must implement the forward function for custom autograd.Function.")

    @staticmethod
    def backward(ctx, *grad_outputs):
        raise NotImplementedError("You must implement the backward function for custom autograd.Function.")


def _names(cls):
    names = []
    for base in cls.__mro__:
        names += list(vars(base))
    return names


class InplaceFunction(Function):
    def __init__(self, inplace=False):
        super().__init__()
        self.inplace = inplace


def once_differentiable(fn):
    return fn
