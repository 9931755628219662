"""Proves exact rewrites of training code: runs the code before and after and compares what it gives, weights and gradients.

    node test/oracle/rewrite_pairs.mjs --others > others.json
    python3 test/oracle/prove_other_rewrites.py others.json > test/oracle/other_rewrites.tsv

All runs in float64. A model is built twice with the same weights, run in training on the same inputs, and gradients of a random direction are taken. A
function is called with a small model, an optimizer and three batches, chosen by the names of its parameters; what it returns and
what the model's weights are afterwards is compared. Where the code says `cuda` and there is none, it says `cpu` here. Differences
are shares of the largest element.
"""
import copy
import json
import re
import sys

import torch

tolerance = 2e-5
# Sums over a whole batch of images differ in float32 by their order alone.
torch.set_default_dtype(torch.float64)
cuda = torch.cuda.is_available()


def scope_of(text):
    if not cuda:
        text = text.replace(".cuda()", ".cpu()").replace('"cuda"', '"cpu"')
    scope = {}
    exec(compile(text, "rewrite", "exec"), scope)
    return scope


def built(text, expression, state=None):
    scope = scope_of(text)
    torch.manual_seed(0)
    model = eval(expression, scope)
    if "model" in scope:
        model = scope["model"]
    if state is None:
        for parameter in model.parameters():
            torch.nn.init.normal_(parameter, std=0.5 / max(1, parameter.shape[-1] if parameter.dim() else 1) ** 0.5)
    else:
        model.load_state_dict(state, strict=False)
    return model.train()


def given(text):
    torch.manual_seed(1)
    sizes = {"B": 2, "T": 32}
    shapes = re.findall(r"\w+\[([^\]]*)\]", text)
    return [torch.randn([sizes.get(one.strip()) or int(one) for one in shape.split(",")]) for shape in shapes]


def run_model(model, inputs):
    inputs = [one.clone().requires_grad_() for one in inputs]
    torch.manual_seed(2)
    out = model(*inputs)
    out.backward(torch.randn(out.shape))
    return [out], {name: one.grad for name, one in model.named_parameters()} | {"inputs": inputs[0].grad}


def arguments(function):
    """What a function is given, by its parameters' names."""
    torch.manual_seed(3)
    names = function.__code__.co_varnames[: function.__code__.co_argcount]
    wide = "generator" in names
    model = torch.nn.Linear(100 if wide else 4, 3)
    pairs = [(torch.randn(5, 4), torch.randn(5, 3)) for _ in range(3)]
    values = {
        "model": model,
        "generator": model,
        "optimizer": torch.optim.SGD(model.parameters(), 0.1),
        "criterion": torch.nn.functional.mse_loss,
        "batches": [x for x, _ in pairs] if wide else pairs,
        "x": pairs[0][0],
        "logits": torch.randn(6, 3, requires_grad=True),
        "labels": torch.rand(6, 3),
    }
    return [values[name] for name in names], values


def run_function(text):
    scope = scope_of(text)
    function = next(value for value in scope.values() if callable(value) and hasattr(value, "__code__") or hasattr(value, "__wrapped__"))
    inner = getattr(function, "__wrapped__", function)
    words, values = arguments(inner)
    torch.manual_seed(4)
    result = function(*words)
    results = [torch.as_tensor(one) for one in (result if isinstance(result, list) else [result]) if one is not None]
    if results and results[0].requires_grad and values["logits"] in words:
        results[0].sum().backward()
    grads = {name: one.detach() for name, one in values["model"].named_parameters()}
    grads |= {f"gradient of {name}": one.grad for name, one in values["model"].named_parameters()}
    return results, grads | {"logits": values["logits"].grad}


def apart(one, other):
    if one is None or other is None:
        return 0.0 if one is None and other is None else float("inf")
    scale = max(one.abs().max().item(), 1e-6)
    return (one.detach() - other.detach()).abs().max().item() / scale


def main():
    where = f"on {torch.cuda.get_device_name()}" if cuda else "on a CPU"
    print(f"# torch {torch.__version__} {where}; node test/oracle/rewrite_pairs.mjs --others > others.json; python3 test/oracle/prove_other_rewrites.py others.json")
    print("rewrite\tdigest\toutput apart\tgradients apart\tallowed\tholds")
    for pair in json.load(open(sys.argv[1])):
        before, after = pair["before"], pair["after"]
        if "nn.Module" in before:
            classes = re.findall(r"^class (\w+)", before, re.M)
            expression = pair.get("model") or f"{classes[-1]}()"
            first = built(before, expression)
            second = built(after, expression, copy.deepcopy(first.state_dict()))
            # Without a comment that says its inputs it takes images; one with learned positions those of 224 pixels.
            size = 224 if "197" in before else 32
            inputs = given(pair["inputs"] or f"float32[1, 3, {size}, {size}]")
            (outs, grads), (outs2, grads2) = run_model(first, inputs), run_model(second, inputs)
            # A bias that is taken out has a gradient of zero but for rounding, and none afterwards.
            grads = {name: one for name, one in grads.items() if name in grads2}
            scale = max(one.abs().max().item() for one in grads.values() if one is not None)
            grads = {name: one for name, one in grads.items() if one is not None and one.abs().max().item() > 1e-4 * scale}
        else:
            (outs, grads), (outs2, grads2) = run_function(before), run_function(after)
        output = max([apart(a, b) for a, b in zip(outs, outs2)] + [0.0 if len(outs) == len(outs2) else float("inf")])
        gradients = max([apart(one, grads2[name]) for name, one in grads.items()], default=0.0)
        holds = "yes" if max(output, gradients) <= tolerance else "no"
        print(f"{pair['name']}\t{pair['digest']}\t{output:.1e}\t{gradients:.1e}\t{tolerance:.1e}\t{holds}")


main()
