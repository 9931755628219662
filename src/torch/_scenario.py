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
    parts = [getattr(value, name, None) for name in ("layers", "crossed", "self_attention_cache", "cross_attention_cache")]
    return [pair for one in parts for pair in cached(one, depth + 1)]


def kept(out, batch, lengths):
    """What a pass hands on for the next tokens: kind, tensors, window, tokens seen and layer of each thing that its cache holds.

    `batch`, `lengths`: how many sequences the pass was given, and of how many tokens they can be.
    """
    for name in ("past_key_values", "cache_params"):
        cache = named(out, name)
        if cache is not None:
            return [one for one in held(cache, (batch, lengths + read(out))) if one is not None]
    return []


def read(out):
    """How many tokens of a sequence a pass says something of, where it is more than the last."""
    for name in ("logits", "last_hidden_state"):
        made = named(out, name)
        if isinstance(made, torch.Tensor) and made.dim() == 3 and made.shape[1] != 1:
            return [made.shape[1]]
    return []


def held(cache, given, kind="keys"):
    parts = [(getattr(cache, "self_attention_cache", None), "keys"), (getattr(cache, "cross_attention_cache", None), "crossed")]
    if parts[0][0] is not None:
        return [one for part, each in parts if part is not None for one in held(part, given, each)]
    if isinstance(cache, (tuple, list)):
        pairs = [entry(layer, kind, 0, i, given) for i, layer in enumerate(cache)]
        return pairs + [entry(layer, "crossed", 2, i, given) for i, layer in enumerate(cache)]
    layers = getattr(cache, "layers", None)
    if isinstance(layers, (tuple, list)):
        return [one for i, layer in enumerate(layers) for one in layer_parts(layer, kind, i)]
    keys, values = getattr(cache, "key_cache", None), getattr(cache, "value_cache", None)
    found = []
    if isinstance(keys, (tuple, list)) and isinstance(values, (tuple, list)):
        found = [entry(pair, kind, 0, i) for i, pair in enumerate(zip(keys, values))]
    for name, state in (("conv_states", "convolution"), ("ssm_states", "recurrent"), ("recurrent_states", "recurrent")):
        found += [(state, (one,), None, None, i) for i, one in enumerate(states(getattr(cache, name, None)))]
    return found


def entry(layer, kind, at, index, given=None):
    """Keys and values that stand in a tuple from `at` on; where `given` is at hand it tells the order of their axes."""
    pair = tuple(layer[at : at + 2]) if isinstance(layer, (tuple, list)) else ()
    if len(pair) != 2 or not all(isinstance(one, torch.Tensor) and one.dim() > 2 for one in pair):
        return None
    laid = each_once(*pair) if given is None else tuple(in_order(one, *given) for one in each_once(*pair))
    if any(one is None for one in laid) or (given is not None and len(set(one.shape[1] for one in laid)) != 1):
        return ("unknown", (), None, None, index)
    return (kind, laid, None, None, index)


def each_once(keys, values):
    """Values that are the keys themselves are kept once."""
    return (keys,) if values is keys else (keys, values)


#: Where a cached tensor of three or four axes can have its sequences and its tokens; the first that fits is taken.
token_places = {4: ((0, 2), (0, 1), (1, 0), (0, 3)), 3: ((0, 1), (1, 0), (0, 2))}


def in_order(tensor, batch, lengths):
    """A cached tensor as `[B, heads, T, width]`; None where its sizes do not tell which axis holds the tokens of `batch` sequences."""
    if tensor.dim() == 3 and tensor.shape[0] != batch and tensor.shape[1] != batch and tensor.shape[0] % batch == 0:
        tensor = tensor.view(batch, -1, *tensor.shape[1:])
    sizes = tuple(tensor.shape)
    fits = [(b, t) for b, t in token_places.get(len(sizes), ()) if sizes[b] == batch and sizes[t] in lengths]
    if len(set(sizes[t] for _, t in fits)) != 1:
        return None
    first, tokens = fits[0]
    others = [axis for axis in range(len(sizes)) if axis not in (first, tokens)]
    laid = tensor.permute(first, *others[:-1], tokens, others[-1])
    return laid if len(sizes) == 4 else laid.unsqueeze(1)


def layer_parts(layer, kind, index):
    keys, values = getattr(layer, "keys", None), getattr(layer, "values", None)
    found = []
    if isinstance(keys, torch.Tensor) and isinstance(values, torch.Tensor) and keys.dim() > 2:
        window = getattr(layer, "sliding_window", None)
        found.append((kind, each_once(keys, values), window, getattr(layer, "cumulative_length", None), index))
    picks = getattr(layer, "indexer_keys", None)
    if isinstance(picks, torch.Tensor):
        found.append(("index", (picks,), None, None, index))
    for name, state in (("conv_states", "convolution"), ("recurrent_states", "recurrent")):
        found += [(state, (one,), None, None, index) for one in states(getattr(layer, name, None))]
    if any(states(one) for name, one in getattr(layer, "__dict__", {}).items() if name not in known_parts):
        found.append(("unknown", (), None, None, index))
    return found


#: Attributes of the layers of transformers' caches that hold tensors.
known_parts = (
    "keys",
    "values",
    "indexer_keys",
    "conv_states",
    "recurrent_states",
    "cumulative_length",
    "indexer_cumulative_length",
    "_sliding_window_tensor",
)


def states(value):
    """The tensors of a layer's states, or of all layers': one, a list or a dictionary of them."""
    if isinstance(value, torch.Tensor):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, (tuple, list)) else []
    return [one for one in inner if isinstance(one, torch.Tensor)]
