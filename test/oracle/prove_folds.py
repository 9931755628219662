"""Proves folds: a trained model's norms folded into the layers behind them give what it gives, up to rounding.

    python3 test/oracle/prove_folds.py > test/oracle/folds.tsv

The code is the one that the page of the technique shows after its edit: with FOLDED = False it is what was trained, here with
random statistics; with FOLDED = True it is given `folded` of those weights. Differences are shares of the largest element.
"""
import hashlib
import re

import torch



def attention(q, k, v, is_causal=False):
    """What `scaled_dot_product_attention` computes, for a PyTorch that has none."""
    scores = q @ k.transpose(-2, -1) * q.shape[-1] ** -0.5
    if is_causal:
        scores = scores.masked_fill(torch.ones(scores.shape[-2:]).tril() == 0, float("-inf"))
    return scores.softmax(-1) @ v


if not hasattr(torch.nn.functional, "scaled_dot_product_attention"):
    torch.nn.functional.scaled_dot_product_attention = attention

page = open("test/techniques/unifiedNormalization.md").read()
after = re.search(r"^```after\n(.*?)^```", page, re.S | re.M).group(1)
expression = re.search(r"# assay: (.*\))\(([^()]*)\)\s*$", after, re.M).group(1)
digest = hashlib.sha256(after.encode()).hexdigest()[:12]
print(f"# torch {torch.__version__} on the CPU; python3 test/oracle/prove_folds.py > test/oracle/folds.tsv")
print("\t".join(["digest", "dtype", "output apart", "allowed", "holds"]))


def built(text):
    scope = {}
    exec(compile(text, "model", "exec"), scope)
    return eval(expression, scope), scope


for dtype, allowed in ((torch.float32, 1e-5), (torch.float64, 1e-12)):
    torch.manual_seed(0)
    trained, _ = built(after.replace("FOLDED = True", "FOLDED = False"))
    for name, value in trained.state_dict().items():
        if name.endswith(("moment", "window")):
            value.uniform_(0.5, 4)
        elif "norm" in name or "ln" in name or name.endswith("bias"):
            value.normal_(1 if name.endswith("weight") else 0, 0.3)
    model, scope = built(after)
    trained, model = trained.to(dtype).eval(), model.to(dtype).eval()
    model.load_state_dict(scope["folded"](trained.state_dict()))
    assert not any("moment" in name for name in model.state_dict())
    given = torch.randint(0, 1000, (2, 32))
    with torch.no_grad():
        before, now = trained(given), model(given)
    apart = ((before - now).abs().max() / before.abs().max()).item()
    row = [digest, str(dtype).removeprefix("torch."), f"{apart:.1e}", f"{allowed:.0e}", "yes" if apart <= allowed else "no"]
    print("\t".join(row))
