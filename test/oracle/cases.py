"""Rows of the operation tables: what real PyTorch makes of an operation's arguments, written as one line of text.

A row is `name, arguments as JSON, results, saved`. A tensor argument is an object: `d` its dtype, `s` its shape, `st` its
strides where it is not contiguous, `g` where it requires a gradient, `v` its elements where they are known. A Python float
is `{"f": 2.0}`. A result is `dtype[shape]`, then `/[strides]` where it is not contiguous, `@i0` where it is a view of
argument 0, `+` where it requires a gradient, `=[elements]` where the arguments' elements are known. `refused` stands for an
error. The last column names the storages that autograd kept: `i` for arguments, `o` for results, `x24` for 24 other bytes.
"""
import json
import sys
import warnings

import torch
from torch.autograd.graph import saved_tensors_hooks

warnings.simplefilter("ignore")
device = "cuda" if torch.cuda.is_available() else "cpu"
if device == "cuda":
    torch.set_default_device(device)
rows = []
DTYPES = {
    "f32": torch.float32, "f64": torch.float64, "bf16": torch.bfloat16, "f16": torch.float16, "i64": torch.int64,
    "i32": torch.int32, "u8": torch.uint8, "i8": torch.int8, "bool": torch.bool, "c64": torch.complex64,
}


class T:
    """A tensor argument: `T("f32", 2, 3, g=1)`, `order` the axes from slowest to fastest in memory, `v` its elements."""

    def __init__(self, dtype, *shape, g=0, order=None, v=None, low=0, high=2, step=1, expand=None):
        dtype = DTYPES[dtype]
        generator = torch.Generator("cpu").manual_seed(len(rows) + len(shape))
        if v is True:
            v = [int(x) for x in torch.randint(-4, 5, (max(1, int(torch.tensor(shape).prod())),), generator=generator, device="cpu")]
            v = [x % 2 for x in v] if dtype == torch.bool else [abs(x) for x in v] if dtype == torch.uint8 else v
        if v is not None:
            made = torch.tensor(v, dtype=dtype).reshape(shape)
        elif dtype.is_floating_point or dtype.is_complex:
            made = torch.rand(shape, generator=generator, device="cpu", dtype=torch.float32 if not dtype.is_complex else dtype).to(device, dtype)
        else:
            made = torch.randint(low, high, shape, generator=generator, device="cpu").to(device, dtype)
        if order:
            made = made.permute(order).contiguous().permute([order.index(i) for i in range(len(order))])
        if step != 1:
            wide = torch.zeros(*shape[:-1], shape[-1] * step, dtype=dtype)
            wide[..., ::step] = made
            made = wide[..., ::step]
        if expand:
            made = made.expand(expand)
        self.known = v is not None
        self.tensor = made.detach().requires_grad_(bool(g)) if g else made


def plain(arg):
    """The argument as PyTorch takes it."""
    if isinstance(arg, T):
        return arg.tensor
    if isinstance(arg, (list, tuple)):
        return [plain(one) for one in arg]
    return DTYPES.get(arg, arg) if isinstance(arg, str) else arg


def short(dtype):
    return str(dtype).removeprefix("torch.")


def written(arg):
    """The argument as the table holds it."""
    if isinstance(arg, T):
        t = arg.tensor
        out = {"d": short(t.dtype), "s": list(t.shape)}
        if not t.is_contiguous():
            out["st"] = list(t.stride())
        if t.requires_grad:
            out["g"] = 1
        if arg.known:
            out["v"] = elements(t)
        return out
    if isinstance(arg, (list, tuple)):
        return [written(one) for one in arg]
    if isinstance(arg, float):
        return {"f": arg if abs(arg) != float("inf") else ("inf" if arg > 0 else "-inf")}
    if isinstance(arg, torch.dtype):
        return short(arg)
    return short(DTYPES[arg]) if isinstance(arg, str) and arg in DTYPES else arg


def elements(t):
    flat = t.detach().reshape(-1)
    flat = flat.to(torch.int64) if not t.is_floating_point() else flat.to(torch.float64)
    return [x if x == x and abs(x) != float("inf") else str(x) for x in flat.tolist()]


def tensors(args):
    found = []
    for arg in args:
        found += tensors(arg) if isinstance(arg, (list, tuple)) else [arg] if isinstance(arg, (T, torch.Tensor)) else []
    return found


def address(t):
    return (t.untyped_storage() if hasattr(t, "untyped_storage") else t.storage()).data_ptr() or None


def case(name, function, *args, saved=None, values=True):
    """Adds the row of one call. `saved` overrides what the hooks saw; kernels that PyTorch lacks add none."""
    given = [t.tensor for t in tensors(args)]
    kept = []
    try:
        with saved_tensors_hooks(lambda t: (kept.append(t), t)[1], lambda t: t):
            out = function(*[plain(arg) for arg in args])
    except (RuntimeError, IndexError, ValueError, TypeError, NotImplementedError) as error:
        if "not implemented for" not in str(error) and "not supported" not in str(error):
            add(name, args, "refused", "")
        return
    outs = [t for t in (out if isinstance(out, (tuple, list)) else [out])]
    known = values and all(t.known for t in tensors(args)) and not any(t.is_complex() for t in outs)
    add(name, args, " ".join(result(t, given, known) for t in outs), saved if saved is not None else names(kept, given, outs))


def result(t, given, known):
    text = f"{short(t.dtype)}[{','.join(map(str, t.shape))}]"
    if not t.is_contiguous():
        text += f"/[{','.join(map(str, t.stride()))}]"
    sharing = [i for i, one in enumerate(given) if address(one) and address(one) == address(t)]
    if sharing:
        text += f"@i{sharing[0]}"
    if t.requires_grad:
        text += "+"
    return text + ("=" + json.dumps(elements(t), separators=(",", ":")) if known and t.numel() <= 64 else "")


def names(kept, given, outs):
    found = set()
    for t in kept:
        name = next((f"i{i}" for i, one in enumerate(given) if address(one) == address(t)), None)
        name = name or next((f"o{i}" for i, one in enumerate(outs) if address(one) == address(t)), None)
        # A Python number that PyTorch wraps in a tensor of its own.
        if name or t.dim() > 0:
            found.add(name or f"x{t.numel() * t.element_size()}")
    return " ".join(sorted(found))


def add(name, args, out, saved):
    rows.append((name, json.dumps([written(arg) for arg in args], separators=(",", ":")), out, saved))


def write(script):
    """Prints the table: the torch version and the command first."""
    print(f"# torch {torch.__version__} on {device}, made by: python3 test/oracle/{script} > test/oracle/{script[5:-3]}.tsv")
    print("op\targs\tout\tsaved")
    for row in dict.fromkeys(rows):
        print("\t".join(row))
    print(f"{len(rows)} rows", file=sys.stderr)
