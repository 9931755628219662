"""Proves exact rewrites: runs the code before and after with the same weights and inputs, compares results and gradients.

    node test/oracle/rewrite_pairs.mjs > pairs.json
    python3 test/oracle/prove_rewrites.py pairs.json > test/oracle/rewrites.tsv

Every pair runs in float32 and in bfloat16 without dropout, on CUDA where there is one. Differences are shares of the largest
element of what is compared; of gradients that are zero but for rounding (a key's bias), of a hundredth of the largest gradient.
They may be as large as the type's tolerance, and where the code before is itself further from its own results in float64 (scores
rounded to bfloat16 ahead of an exponential), one and a half times that.
"""
import json
import re
import sys

import torch

device = "cuda" if torch.cuda.is_available() else "cpu"
# Code that makes a mask without a device is meant for the model's.
torch.set_default_device(device)
sizes = {"B": 2, "T": 32}
tolerance = {torch.float32: 2e-5, torch.bfloat16: 3e-2}


def module(text, expression, dtype, state=None):
    """A model whose weights are of a type, or have had it where that is wider."""
    scope = {}
    exec(compile(text, "model", "exec"), scope)
    torch.manual_seed(0)
    model = eval(expression, scope)
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.5 / max(1, parameter.shape[-1] if parameter.dim() else 1) ** 0.5)
    if state is not None:
        model.load_state_dict(state)
    return model.to(device=device, dtype=dtype).eval()


def inputs_of(text, dtype):
    torch.manual_seed(1)
    given = []
    for kind, shape in re.findall(r"(\w+)\[([^\]]*)\]", text):
        shape = [sizes.get(one.strip()) or int(one) for one in shape.split(",")]
        if kind == "bool":
            mask = torch.rand(shape) < 0.7
            mask[..., 0] = True
            given.append(mask)
        elif kind == "int64":
            given.append(torch.randint(0, 2, shape))
        else:
            given.append(torch.randn(shape, dtype=torch.float64).to(dtype))
    return given


def results(model, given):
    given = [one.detach().requires_grad_(one.is_floating_point()) for one in given]
    out = model(*given)
    out = out if isinstance(out, torch.Tensor) else out[0]
    torch.manual_seed(2)
    grad = torch.randn(out.shape, dtype=torch.float64).to(torch.bfloat16).to(out.dtype)
    wanted = [one for one in list(model.parameters()) + given if one.requires_grad]
    grads = torch.autograd.grad(out, wanted, grad, allow_unused=True)
    return [out.double()] + [None if one is None else one.double() for one in grads]


def apart(a, b, least=1e-12):
    """The largest difference, as a share of the largest element."""
    if a is None and b is None:
        return 0.0
    a, b = (torch.zeros_like(b) if a is None else a), (torch.zeros_like(a) if b is None else b)
    assert a.shape == b.shape, f"{tuple(a.shape)} and {tuple(b.shape)}"
    return ((a - b).abs().max() / a.abs().max().clamp(min=least)).item()


print(f"# torch {torch.__version__} on {torch.cuda.get_device_name() if device == 'cuda' else 'the CPU'}; node test/oracle/rewrite_pairs.mjs > pairs.json; python3 test/oracle/prove_rewrites.py pairs.json")
print("\t".join(["rewrite", "digest", "dtype", "output apart", "gradients apart", "allowed", "allowed of gradients", "holds"]))
for pair in json.load(open(sys.argv[1])):
    for dtype in (torch.float32, torch.bfloat16):
        state = module(pair["before"], pair["model"], dtype).state_dict()
        given = inputs_of(pair["inputs"], dtype)
        wide = [one.double() if one.is_floating_point() else one for one in given]
        try:
            exact = results(module(pair["before"], pair["model"], torch.float64, state), wide)
            before, after = (results(module(pair[side], pair["model"], dtype, state), given) for side in ("before", "after"))
            largest = max(one.abs().max().item() for one in exact[1:] if one is not None)

            def worst(a, b):
                return apart(a[0], b[0]), max(apart(x, y, 0.01 * largest) for x, y in zip(a[1:], b[1:]))

            apart_by = worst(before, after)
            allowed = [max(tolerance[dtype], 1.5 * own) for own in worst(exact, before)]
            holds = "yes" if all(x <= y for x, y in zip(apart_by, allowed)) else "no"
            row = [*(f"{one:.1e}" for one in [*apart_by, *allowed]), holds]
        except Exception as error:
            row = ["-", "-", "-", "-", f"no: {type(error).__name__}: {error}".replace("\n", " ")[:160]]
        print("\t".join([pair["name"], pair["digest"], str(dtype).removeprefix("torch."), *row]))
