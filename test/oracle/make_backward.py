"""What PyTorch says of backward passes. Writes backward.jsonl and backwardMemory.jsonl; run from the root of the repository
on a machine with a GPU (torch 2.11, torchvision, timm and transformers installed):

    python3 test/oracle/make_backward.py OUT_FOLDER

Both begin with how they were made and the modules that their rows build (`setup`; other rows name their own).

backward.jsonl: FLOPs of torch.utils.flop_counter around `loss.backward()` in train mode, total and by operation. The loss
is the model's own where it returns a number, otherwise `output.float().mean()` of its first floating output. Recurrent
layers are counted on the CPU with oneDNN off, where PyTorch runs them as products of matrices.

backwardMemory.jsonl: what the caching allocator was asked for and given back during `loss.backward()`, in order, in bytes,
after a step that warmed up: a positive number is an allocation, a negative one the end of one.
"""
import json
import os
import sys
import time

import torch
from torch.utils.flop_counter import FlopCounterMode

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(HERE, "..", "models"))
from backward_list import BLOCKS, rows  # noqa: E402
from backward_memory_list import CASES  # noqa: E402


def floating(value):
    if isinstance(value, torch.Tensor):
        return value if value.is_floating_point() and value.requires_grad else None
    items = value if isinstance(value, (list, tuple)) else list(value.values()) if isinstance(value, dict) else []
    for one in items:
        found = floating(one)
        if found is not None:
            return found


def loss_of(out):
    first = floating(out)
    return first if first.dim() == 0 else first.float().mean()


def measured(library, setup, model, args, device):
    names = {"torch": torch}
    exec(setup, names)
    torch.manual_seed(0)
    with torch.device(device):
        built = eval(model, names)
        given = [eval(one, names) for one in args]
    built.train()
    forward, counter = FlopCounterMode(display=False), FlopCounterMode(display=False)
    with torch.backends.mkldnn.flags(enabled=device != "cpu"):
        with forward:
            loss = loss_of(built(*given))
        with counter:
            loss.backward()
    by_op = {str(op).removeprefix("aten."): n for op, n in counter.get_flop_counts()["Global"].items()}
    row = {"library": library, "model": model, "args": args, "flops": forward.get_total_flops(), "backward": counter.get_total_flops(), "by_op": by_op}
    return row if library == "modules" else {**row, "setup": setup}


def events(case):
    names = {"torch": torch}
    exec(case["setup"], names)
    with torch.device("cuda"):
        built = eval(case["model"], names)
        given = [eval(one, names) for one in case["args"]]
    built.train()
    for _ in range(2):
        out = built(*given)
        loss = loss_of(out)
        for one in built.parameters():
            one.grad = None
        torch.cuda.synchronize()
        torch.cuda.memory._record_memory_history(context=None, max_entries=1000000)
        loss.backward()
        torch.cuda.synchronize()
        trace = torch.cuda.memory._snapshot()["device_traces"][0]
        torch.cuda.memory._record_memory_history(enabled=None)
        del out, loss
    deltas = [one["size"] if one["action"] == "alloc" else -one["size"] for one in trace if one["action"] in ("alloc", "free_completed")]
    return {"model": case["model"], "args": case["args"], "events": deltas}


if __name__ == "__main__":
    folder = sys.argv[1]
    start = time.time()
    made = {"torch": torch.__version__, "command": "python3 test/oracle/make_backward.py test/oracle"}
    with open(os.path.join(folder, "backwardMemory.jsonl"), "w") as file:
        print(json.dumps({**made, "setup": CASES[0]["setup"]}), file=file)
        for case in CASES:
            try:
                print(json.dumps(events(case)), file=file, flush=True)
            except Exception as error:
                print("memory", case["model"], repr(error)[:300], file=sys.stderr, flush=True)
            torch.cuda.empty_cache()
    print("memory", time.time() - start, file=sys.stderr, flush=True)
    with open(os.path.join(folder, "backward.jsonl"), "w") as file:
        print(json.dumps({**made, "setup": BLOCKS}), file=file)
        for row in rows():
            try:
                print(json.dumps(measured(*row)), file=file, flush=True)
            except Exception as error:
                print(row[0], row[2], repr(error)[:300], file=sys.stderr, flush=True)
    print("all", time.time() - start, file=sys.stderr, flush=True)
