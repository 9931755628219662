"""Functions with a backward pass of their own: `forward` runs unfollowed, and what it saves stays alive."""
import torch
from torch._modes import attach, saved_hooks, set_grad_enabled as _set


class FunctionCtx:
    def __init__(self, needs_input_grad=()):
        self._saved = ()
        self._unpack = None
        self.needs_input_grad = needs_input_grad
        self.non_differentiable = ()
        self.materialize_grads = True

    @property
    def saved_tensors(self):
        if self._unpack is None:
            return self._saved
        return tuple(None if one is None else self._unpack(one) for one in self._saved)

    @property
    def saved_variables(self):
        return self.saved_tensors

    def save_for_backward(self, *tensors):
        self._saved = tensors

    def save_for_forward(self, *tensors):
        pass

    def mark_dirty(self, *args):
        pass

    def mark_non_differentiable(self, *args):
        self.non_differentiable = args

    def set_materialize_grads(self, value):
        self.materialize_grads = value


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
            hooks = saved_hooks() if before and any(ctx.needs_input_grad) else None
            if hooks is not None:
                ctx._saved = tuple(None if one is None else hooks[0](one) for one in ctx._saved)
                ctx._unpack = hooks[1]
        finally:
            _set(before)
        if isinstance(outputs, torch.Tensor) and any(outputs is x for x in args):
            outputs = outputs.view_as(outputs)
        results = outputs if isinstance(outputs, (tuple, list)) else (outputs,)
        followed = [x if isinstance(x, torch.Tensor) and not any(x is y for y in ctx.non_differentiable) else None for x in results]
        ctx.non_differentiable = ()
        kept = list(ctx._saved) + [x for name, x in vars(ctx).items() if name != "_saved"]
        shapes = [x.shape if isinstance(x, torch.Tensor) else None for x in results]
        kinds = [(x.dtype, x.device) if isinstance(x, torch.Tensor) else None for x in results]
        places = [i for i, x in enumerate(followed) if x is not None]

        def gradients(grads):
            every = [None] * len(shapes)
            for i, grad in zip(places, grads):
                every[i] = grad
            if ctx.materialize_grads:
                for i, shape in enumerate(shapes):
                    if every[i] is None and shape is not None:
                        every[i] = torch.zeros(shape, dtype=kinds[i][0], device=kinds[i][1])
            given = cls.backward(ctx, *every)
            return tuple(given) if isinstance(given, (tuple, list)) else (given,)

        attach([x for x in followed if x is not None], args, kept, cls.__name__ + "Backward", gradients)
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
