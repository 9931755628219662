"""What real PyTorch says of the sample models. Writes models.jsonl; run from the root of the repository:

    python3 test/oracle/make_models.py > test/oracle/models.jsonl

Needs torch 2.11 or later and no GPU: models are built and run on fake tensors. The first line says with what it was made.
`flops` and `flops_by_module` (up to four levels) are those of torch.utils.flop_counter for one pass in eval mode, without
gradients. Recurrent layers are counted on CPU tensors with oneDNN off, where PyTorch runs them as products of matrices:
the counter has no formula for the fused ones. `saved` are the bytes of distinct storages that autograd keeps of a pass
in train mode on CUDA tensors, parameters and buffers left out; null for models that ran on CPU tensors.
"""
import importlib.util
import json
import os
import re
import sys

import torch
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils.flop_counter import FlopCounterMode

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from models_list import MODELS  # noqa: E402

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "models")


def module(file):
    spec = importlib.util.spec_from_file_location(file[:-3], os.path.join(FOLDER, file))
    made = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = made
    spec.loader.exec_module(made)
    return made


def tensor(text, device):
    dtype, sizes = re.fullmatch(r"(\w+)\[(.*)\]", text).groups()
    return torch.zeros([int(n) for n in sizes.split(",")], dtype=getattr(torch, dtype), device=device)


def shapes(value):
    if isinstance(value, torch.Tensor):
        return list(value.shape)
    if isinstance(value, (list, tuple)):
        return [shapes(one) for one in value]
    return None


def depth(name):
    return name.count(".")


def saved_bytes(model, inputs):
    own = {one.untyped_storage()._cdata for one in (*model.parameters(), *model.buffers())}
    seen = {}

    def keep(one):
        storage = one.untyped_storage()
        if storage._cdata not in own:
            seen[storage._cdata] = (storage, storage.nbytes())
        return one

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda one: one):
        out = model(*inputs)
    total = sum(size for _, size in seen.values())
    del out
    return total


def measured(file, expression, inputs, device):
    with FakeTensorMode(allow_non_fake_inputs=True), torch.backends.mkldnn.flags(enabled=False):
        with torch.device(device):
            model = eval(expression, vars(module(file)))
        given = [tensor(one, device) for one in inputs]
        model.eval()
        counter = FlopCounterMode(display=False, depth=None)
        with torch.no_grad(), counter:
            out = model(*given)
        counts = {name: sum(ops.values()) for name, ops in counter.get_flop_counts().items() if name != "Global"}
        model.train()
        return {
            "file": file,
            "model": expression,
            "inputs": inputs,
            "device": device,
            "params": sum(one.numel() for one in model.parameters()),
            "buffers": sum(one.numel() for one in model.buffers()),
            "flops": counter.get_total_flops(),
            "flops_by_module": {name: n for name, n in counts.items() if depth(name) <= 4},
            "outputs": shapes(out),
            "saved": saved_bytes(model, given) if device == "cuda" else None,
        }


if __name__ == "__main__":
    print(json.dumps({"torch": torch.__version__, "command": "python3 test/oracle/make_models.py"}))
    for row in MODELS:
        print(json.dumps(measured(*row)), flush=True)
