"""A model run as a scenario asks: one pass, one training step, one token behind a filled cache."""
import functools

import torch
from torch._modes import part, sweep
from torch.utils.checkpoint import checkpoint


def run(model, args, kwargs, dtype=None):
    """One forward pass, in an autocast region where a type is given; what it returns is held at its end."""
    if dtype is None:
        out = model(*args, **kwargs)
    else:
        with torch.autocast("cuda", dtype):
            out = model(*args, **kwargs)
    sweep()
    return out


def step(model, args, kwargs, dtype=None):
    """Forward, loss and backward. The loss outlives the output, as where a function computes it: the rest dies before backward."""
    out = run(model, args, kwargs, dtype)
    part("loss")
    loss = loss_of(out)
    del out
    part("backward")
    loss.backward()
    sweep()


def loss_of(out):
    """The loss that a model returns, else the mean of its first floating tensor in float32."""
    losses = own_losses(out)
    if losses:
        return losses[0] if len(losses) == 1 else functools.reduce(lambda a, b: a + b, losses)
    first = first_floating(out)
    if first is None:
        raise ValueError("forward returns no floating tensor that could be trained on")
    return first.float().mean()


def own_losses(out):
    """Scalars that need a gradient: the output itself, its `loss`, one of a tuple, or a dictionary of nothing else."""
    if is_loss(out):
        return [out]
    loss = out.get("loss") if isinstance(out, dict) else getattr(out, "loss", None)
    if isinstance(loss, torch.Tensor):
        return [loss if loss.dim() == 0 else loss.mean()]
    values = list(out) if isinstance(out, (tuple, list)) else list(out.values()) if isinstance(out, dict) else []
    losses = [value for value in values if is_loss(value)]
    if isinstance(out, dict):
        return losses if len(losses) == len(values) else []
    return losses if len(losses) == 1 else []


def is_loss(value):
    return isinstance(value, torch.Tensor) and value.dim() == 0 and value.is_floating_point() and value.requires_grad


def first_floating(value, depth=0):
    if isinstance(value, torch.Tensor):
        return value if value.is_floating_point() else None
    if depth > 4 or value is None or isinstance(value, (str, int, float, bool)):
        return None
    if isinstance(value, dict):
        inner = list(value.values())
    elif isinstance(value, (tuple, list)):
        inner = value
    else:
        inner = list(getattr(value, "__dict__", {}).values())
    for one in inner:
        found = first_floating(one, depth + 1)
        if found is not None:
            return found
    return None


def set_attention(model, name):
    """Says to each config in a model which implementation of attention its layers take; whether any had a choice."""
    found = False
    configs = [(module, module.__dict__.get("config")) for module in model.modules()]
    fixed = [config for module, config in configs if name == "sdpa" and not getattr(module, "_supports_sdpa", True)]
    for _, config in configs:
        if config is None or isinstance(config, dict):
            continue
        if any(config is one for one in fixed):
            found = True
            continue
        for attribute in ("attn_implementation", "_attn_implementation"):
            if getattr(config, attribute, None) is not None:
                setattr(config, attribute, name)
                found = True
    return found


def checkpoint_blocks(model, blocks):
    """Makes blocks run again in the backward pass: those that have a switch for it, else the modules given."""
    again = functools.partial(checkpoint, use_reentrant=False)
    switched = [module for module in model.modules() if hasattr(module, "gradient_checkpointing")]
    for module in switched:
        module.gradient_checkpointing = True
        module._gradient_checkpointing_func = again
    if not switched:
        for block in blocks:
            block.forward = functools.partial(again, block.forward)
    return bool(switched) or len(blocks) > 0


def fill(model, args, kwargs, dtype=None):
    """What a decoder keeps of a prompt: its cache, and an encoder's output where there is one."""
    out = run(model, args, {**kwargs, "use_cache": True}, dtype)
    return named(out, "past_key_values"), named(out, "encoder_last_hidden_state")


def named(out, name):
    return out.get(name) if isinstance(out, dict) else getattr(out, name, None)


def cached(value, depth=0):
    """Keys and values, a pair a layer, of whatever holds them: transformers' caches, ours, or nested tuples."""
    if value is None or depth > 4:
        return []
    if isinstance(value, (tuple, list)):
        if len(value) >= 2 and isinstance(value[0], torch.Tensor) and isinstance(value[1], torch.Tensor):
            return [(value[0], value[1])]
        return [pair for one in value for pair in cached(one, depth + 1)]
    if isinstance(value, dict):
        return [pair for one in value.values() for pair in cached(one, depth + 1)]
    keys, values = getattr(value, "keys", None), getattr(value, "values", None)
    if isinstance(keys, torch.Tensor) and isinstance(values, torch.Tensor):
        return [(keys, values)]
    parts = [getattr(value, name, None) for name in ("layers", "self_attention_cache", "cross_attention_cache")]
    return [pair for one in parts for pair in cached(one, depth + 1)]
