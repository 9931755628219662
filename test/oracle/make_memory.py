"""Writes memory.jsonl: bytes that PyTorch's caching allocator handed out, reserved and freed, measured on one NVIDIA GPU.

    python3 make_memory.py rows > memory.jsonl          (torch 2.11, transformers 5.17, timm, torchvision, one CUDA device)
    python3 make_memory.py ops > memory_ops.jsonl       single operations: bytes over what was alive before, and what stays
    python3 make_memory.py history NAME ... > allocations.jsonl   every request and release of a row's three steps
    python3 make_memory.py log NAME ... > log.jsonl     one step of a row, operation by operation (not kept in the repository)

A row is one model, one phase and one scenario, from an empty allocator: the model is built on the host and moved, then steps
are run until the third, whose figures are written down. `weights_bytes` after moving; `steady_bytes` before the step, with
inputs, optimizer state and the cuBLAS workspace; `activations_bytes` alive after the forward pass over that, the output included, of which
the backward pass keeps the loss alone;
`forward_peak_bytes`, `backward_peak_bytes` (of everything up to the end of the backward pass), `peak_bytes` (of the step),
`reserved_bytes` and `device_used_bytes` at its end.
"""

import gc
import json
import sys
import time
from contextlib import nullcontext

import torch

from memory_rows import rows

dtypes = {"bf16": torch.bfloat16, "fp16": torch.float16, "fp32": torch.float32}


def built(row):
    """The model on the host, and its inputs on the card."""
    dtype = dtypes[row["dtype"]]
    batch = row["batch"]
    torch.manual_seed(0)
    if "torchvision" in row:
        import torchvision

        model = getattr(torchvision.models, row["torchvision"])()
        size = row.get("image", 224)
        return model, lambda: {"args": [torch.rand(batch, 3, size, size, device="cuda").to(dtype)]}
    if "timm" in row:
        import timm

        model = timm.create_model(row["timm"])
        size = row.get("image", 224)
        return model, lambda: {"args": [torch.rand(batch, 3, size, size, device="cuda").to(dtype)]}
    import transformers

    config = getattr(transformers, row["config_class"])(**row["config"])
    config._attn_implementation = row["attn"]
    with torch.device("cuda"):
        model = getattr(transformers, row["cls"])._from_config(config, attn_implementation=row["attn"])
    model = model.to("cpu")

    def inputs():
        kwargs = {}
        for name, (kind, *shape) in row["inputs"].items():
            if kind == "float":
                kwargs[name] = torch.rand(*shape, device="cuda").to(dtype)
            else:
                kwargs[name] = torch.randint(0, int(kind), shape, device="cuda")
        return {"kwargs": {**kwargs, **row.get("options", {})}}

    return model, inputs


def optimizer(name, parameters):
    make = {
        "adamw": lambda: torch.optim.AdamW(parameters, lr=1e-5, fused=True),
        "adamw-foreach": lambda: torch.optim.AdamW(parameters, lr=1e-5, foreach=True),
        "sgd": lambda: torch.optim.SGD(parameters, lr=1e-5),
        "sgd-momentum": lambda: torch.optim.SGD(parameters, lr=1e-5, momentum=0.9),
        "adafactor": lambda: torch.optim.Adafactor(parameters, lr=1e-5),
    }
    return make[name]()


def tensor_of(out):
    while not isinstance(out, torch.Tensor):
        if hasattr(out, "loss") and out.loss is not None:
            return out.loss
        for name in ("logits", "last_hidden_state", "pooler_output"):
            if getattr(out, name, None) is not None:
                return getattr(out, name)
        out = out[0]
    return out


class Bytes:
    """Live, peak and reserved bytes of the allocator."""

    alive = staticmethod(torch.cuda.memory_allocated)
    peak = staticmethod(torch.cuda.max_memory_allocated)
    reset = staticmethod(torch.cuda.reset_peak_memory_stats)


def measure(row, watch=None):
    """The figures of a row; `watch` is a context entered around a fourth step."""
    gc.collect()
    torch.cuda.synchronize()
    torch._C._cuda_clearCublasWorkspaces()
    torch.cuda.empty_cache()
    figures = {"before_bytes": Bytes.alive()}
    model, make_inputs = built(row)
    dtype = dtypes[row["dtype"]]
    model = model.to(dtype)
    gc.collect()
    torch.cuda.empty_cache()
    model = model.to("cuda")
    figures["weights_bytes"] = Bytes.alive()
    figures["params"] = sum(p.numel() for p in model.parameters())
    training = row["phase"] == "train"
    model.train(training)
    if row.get("checkpointing"):
        model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
    given = make_inputs()
    args, kwargs = given.get("args", []), given.get("kwargs", {})
    opt = optimizer(row["optimizer"], model.parameters()) if training else None
    amp = row.get("amp", "none")
    marks = []

    def step(note):
        with torch.autocast("cuda", torch.bfloat16) if amp == "bf16-autocast" else nullcontext():
            out = model(*args, **kwargs)
            loss = tensor_of(out)
            if loss.dim() > 0:
                loss = loss.float().mean()
        note("forward")
        del out
        loss.backward()
        note("backward")
        opt.step()
        note("optimizer")
        opt.zero_grad(set_to_none=True)

    def passed(note):
        with torch.no_grad():
            out = model(*args, **kwargs)
        note("forward")
        del out

    turn = step if training else passed
    for index in range(3):
        torch.cuda.synchronize()
        steady = Bytes.alive()
        Bytes.reset()

        def note(part, steady=steady):
            torch.cuda.synchronize()
            marks.append((part, time.time_ns() // 1000))
            figures[f"{part}_peak_bytes"] = Bytes.peak()
            if part == "forward":
                figures["activations_bytes"] = Bytes.alive() - steady

        marks.append(("begin", time.time_ns() // 1000))
        turn(note)
        figures["steady_bytes"] = steady
        figures["peak_bytes"] = Bytes.peak()
        figures["reserved_bytes"] = torch.cuda.memory_reserved()
        free, total = torch.cuda.mem_get_info()
        figures["device_used_bytes"] = total - free
    if watch is not None:
        with watch:
            turn(watch.note)
    del model, opt, args, kwargs, given
    return figures, marks


def written(row, figures):
    print(json.dumps({**row, **figures}), flush=True)


def history():
    """Every request and release since recording began: [action, bytes, address]."""
    names = {"alloc": "a", "free_completed": "f", "segment_alloc": "s", "segment_free": "u"}
    trace = torch.cuda.memory._snapshot()["device_traces"][0]
    short, places = [], {}
    for one in trace:
        if one["action"] in names:
            address = one.get("addr", one.get("device_ptr", 0))
            short.append([names[one["action"]], one["size"], places.setdefault(address, len(places)), one.get("time_us", 0)])
    return short


def recorded(row, figures, marks, requests):
    """Requests (bytes) and releases (how many requests before) up to the end of the third step, and what came of them."""
    end, begin = marks[-1][1], [time for part, time in marks if part == "begin"][-1]
    given, events, peak_from = {}, [], None
    for action, size, place, at in requests:
        if at > end:
            break
        if at >= begin and peak_from is None:
            peak_from = len(events)
        if action == "a":
            given[place] = len(events)
            events.append(size)
        elif action == "f":
            events.append(-1 - given.pop(place))
    figures = {name: figures[name] for name in ("steady_bytes", "peak_bytes", "reserved_bytes")}
    return {"name": row["name"], **figures, "watched_from": peak_from, "events": events}


def main():
    kind, *names = sys.argv[1:]
    started = time.time()
    if kind == "ops":
        from memory_ops import measured

        for line in measured():
            print(json.dumps(line), flush=True)
        return
    limit = float("inf")
    if names and names[0].startswith("limit="):
        limit = float(names.pop(0)[6:])
    share, shares = 0, 1
    if names and names[0].startswith("share="):
        share, shares = map(int, names.pop(0)[6:].split("/"))
    for row in rows[share::shares]:
        if names and row["name"] not in names and row["name"].split("/")[0] not in names:
            continue
        if time.time() - started > limit:
            print("time is up before", row["name"], file=sys.stderr)
            break
        try:
            if kind == "log":
                from memory_log import Watch

                torch.cuda.memory._record_memory_history(enabled="all", context=None, max_entries=1_000_000)
                watch = Watch()
                figures, marks = measure(row, watch)
                requests = history()
                torch.cuda.memory._record_memory_history(enabled=None)
                written(row, {**figures, "marks": marks, "operations": watch.operations, "history": requests})
            elif kind == "history":
                torch.cuda.memory._record_memory_history(enabled="all", context=None, max_entries=1_000_000)
                figures, marks = measure(row)
                print(json.dumps(recorded(row, figures, marks, history())), flush=True)
                torch.cuda.memory._record_memory_history(enabled=None)
            else:
                written(row, measure(row)[0])
        except Exception as error:  # a model that cannot be measured is its own answer
            print(row["name"], type(error).__name__, str(error)[:300], file=sys.stderr, flush=True)
        gc.collect()


if __name__ == "__main__":
    main()
