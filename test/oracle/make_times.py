"""Measures on one NVIDIA GPU what Assay's times are fitted on; writes times.jsonl.gz (the first row says on what).

    python3 test/oracle/make_times.py OUT_FOLDER [--operations SECONDS] [--models SECONDS] [--others] [--profile]

Rows of operations: `us`, microseconds on the GPU with operands in the L2 cache where they fit (the same tensors each time),
`cold_us` with operands that rotate through more memory than the cache holds, both inside a CUDA graph; `host_us`, what the
CPU takes to ask for it, without gradients, `host_grad_us` with; `backward_us` and `backward_host_us` of `autograd.grad`.
Rows of optimizers: one step over tensors of given sizes. Rows of models: forward passes and training steps, and what of
each the CPU takes. `--profile` also writes each model's operations with the time of their kernels to profile.jsonl.gz.
"""
import argparse, gc, gzip, json, math, os, re, statistics, sys, tempfile, time

import torch
import torch.nn.functional as F

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from times_cases import cases
from times_models import models
from times_others import models as others

DEV = "cuda"
stream = torch.cuda.Stream()
pool = torch.cuda.graph_pool_handle()
CACHE = 160e6


def made(text):
    dtype, sizes, mark = re.fullmatch(r"(\w+)\[([\d,]*)\](.*)", text).groups()
    shape = [int(n) for n in sizes.split(",") if n]
    dtype = getattr(torch, dtype)
    if mark.startswith("@i"):
        return torch.randint(0, int(mark[2:]), shape, device=DEV, dtype=dtype)
    if mark.startswith("@o "):
        n = shape[0]
        return torch.tensor([int(mark[2:]) * (e + 1) // n for e in range(n)], device=DEV, dtype=dtype)
    if mark == "@ones":
        return torch.ones(shape, device=DEV, dtype=dtype)
    x = torch.randn(shape, device=DEV, dtype=dtype) if dtype.is_floating_point else torch.ones(shape, device=DEV, dtype=dtype)
    return x.to(memory_format=torch.channels_last) if mark == "@cl" else x


def graph_us(fn, reps):
    """Microseconds of one call of fn(i), the calls captured one behind the other."""
    g = torch.cuda.CUDAGraph()
    with torch.cuda.graph(g, stream=stream, pool=pool):
        for i in range(reps):
            fn(i)
    times = []
    with torch.cuda.stream(stream):
        g.replay()
        for _ in range(3):
            a, b = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
            a.record(); g.replay(); b.record()
            b.synchronize()
            times.append(a.elapsed_time(b) * 1000 / reps)
    del g
    return statistics.median(times)


def host_us(fn, n):
    torch.cuda.synchronize()
    times = []
    for _ in range(3):
        a = time.perf_counter()
        for _ in range(n):
            fn()
        times.append((time.perf_counter() - a) * 1e6 / n)
        torch.cuda.synchronize()
    return min(times)


def bytes_of(tensors):
    return sum(t.numel() * t.element_size() for t in tensors)


def measured(kind, code, spec, options):
    row = {"row": "operation", "kind": kind, "code": code, "tensors": spec, **options}
    tensors = {k: made(v) for k, v in spec.items()}
    names = {"torch": torch, "F": F}
    if "lstm" in options:
        names["lstm"] = torch.nn.LSTM(options["lstm"], options["lstm"], batch_first=True, device=DEV, dtype=tensors["x"].dtype)
    fn = eval(f"lambda {', '.join(spec)}: {code}", names)
    values = list(tensors.values())
    with torch.cuda.stream(stream), torch.no_grad():
        for _ in range(2):
            out = fn(*values)
        a, b = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        a.record(); out = fn(*values); b.record()
        b.synchronize()
    estimate = max(a.elapsed_time(b) * 1000, 2)
    reps = max(2, min(20, int(1500 / estimate)))
    with torch.no_grad():
        row["us"] = round(graph_us(lambda i: fn(*values), reps), 3)
        row["host_us"] = round(host_us(lambda: fn(*values), 30 if estimate < 200 else 5), 2)
        footprint = bytes_of(values) + (bytes_of([out]) if torch.is_tensor(out) else 0)
        if 2e5 < footprint < 1.2e8 and reps > 2:
            copies = min(64, math.ceil(CACHE / footprint) + 1)
            sets = [values] + [[v.clone() for v in values] for _ in range(copies - 1)]
            row["cold_us"] = round(graph_us(lambda i: fn(*sets[i % copies]), max(copies, min(reps, 2 * copies))), 3)
            del sets
    if options.get("grad"):
        with torch.cuda.stream(stream):
            grads = [tensors[name].requires_grad_(True) for name in options["grad"]]
            out = fn(*values)
            g = torch.randn_like(out)
            back = lambda i=0: torch.autograd.grad(out, grads, g, retain_graph=True)
            back(); back()
            a.record(); back(); b.record()
            b.synchronize()
        reps = max(2, min(12, int(1500 / max(a.elapsed_time(b) * 1000, 2))))
        row["backward_us"] = round(graph_us(back, reps), 3)
        row["backward_host_us"] = round(host_us(back, 10), 2)
        row["host_grad_us"] = round(host_us(lambda: fn(*values), 20 if estimate < 200 else 4), 2)
    return row


def operations(seconds, match, write):
    start = time.time()
    todo = [one for one in cases() if any(word in one[0] + str(one[2]) for word in match.split("|"))]
    done = 0
    # Interleaved, so that a run that is cut short has some of everything.
    for one in sorted(range(len(todo)), key=lambda i: (i * 7919) % 1009):
        if time.time() - start > seconds:
            break
        kind, code, spec, options = todo[one]
        try:
            if "backend" in options:
                from torch.nn.attention import sdpa_kernel, SDPBackend
                back = {"flash": SDPBackend.FLASH_ATTENTION, "efficient": SDPBackend.EFFICIENT_ATTENTION, "math": SDPBackend.MATH}[options["backend"]]
                with sdpa_kernel(back):
                    write(measured(kind, code, spec, options))
            else:
                write(measured(kind, code, spec, options))
        except Exception as error:
            torch.cuda.synchronize()
            write({"row": "error", "kind": kind, "code": code, "tensors": spec, "error": str(error)[:160]})
        done += 1
        if done % 200 == 0:
            gc.collect(); torch.cuda.empty_cache()
            print(done, len(todo), round(time.time() - start), flush=True)


def optimizers(write):
    sets = [("many small", [[64] for _ in range(160)]), ("resnet-like", [[256, 256, 3, 3], [256], [256]] * 20), ("gpt2-like", [[2304, 768], [2304], [768, 768], [768], [3072, 768], [3072], [768, 3072], [768]] * 12 + [[50257, 768]]), ("large", [[8192, 2048], [2048, 8192], [2048, 2048]] * 16)]
    for name, shapes in sets:
        for dtype in [torch.bfloat16, torch.float32]:
            params = [torch.randn(s, device=DEV, dtype=dtype, requires_grad=True) for s in shapes]
            for p in params:
                p.grad = torch.randn_like(p)
            for kind, make in {"adamw": lambda: torch.optim.AdamW(params, fused=True), "adamw-foreach": lambda: torch.optim.AdamW(params, foreach=True), "sgd": lambda: torch.optim.SGD(params, lr=1e-3), "sgd-momentum": lambda: torch.optim.SGD(params, lr=1e-3, momentum=0.9)}.items():
                optimizer = make()
                optimizer.step()
                torch.cuda.synchronize()
                walls, hosts, zero = [], [], []
                for _ in range(5):
                    t = time.perf_counter(); optimizer.step(); hosts.append(time.perf_counter() - t)
                    torch.cuda.synchronize(); walls.append(time.perf_counter() - t)
                a, b = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
                a.record()
                for _ in range(5):
                    optimizer.step()
                b.record(); b.synchronize()
                write({"row": "optimizer", "optimizer": kind, "name": name, "tensors": len(shapes), "elements": sum(p.numel() for p in params), "dtype": str(dtype)[6:], "us": round(a.elapsed_time(b) * 200, 2), "wall_us": round(1e6 * statistics.median(walls), 1), "host_us": round(1e6 * statistics.median(hosts), 1)})
                del optimizer
            del params
            torch.cuda.empty_cache()


def looped(fn, n):
    """Milliseconds of a call: back to back, with a wait behind each, and until the CPU is free again."""
    for _ in range(3):
        fn()
    torch.cuda.synchronize()
    loops, singles, hosts = [], [], []
    for _ in range(3):
        a = time.perf_counter()
        for _ in range(n):
            fn()
        torch.cuda.synchronize()
        loops.append((time.perf_counter() - a) * 1000 / n)
    for _ in range(5):
        a = time.perf_counter()
        fn()
        hosts.append((time.perf_counter() - a) * 1000)
        torch.cuda.synchronize()
        singles.append((time.perf_counter() - a) * 1000)
    return {"loop_ms": round(statistics.median(loops), 4), "single_ms": round(statistics.median(singles), 4), "host_ms": round(statistics.median(hosts), 4)}


def forward_row(model, inputs):
    with torch.no_grad():
        row = looped(lambda: model(**inputs), 5)
        try:
            with torch.cuda.stream(stream):
                for _ in range(2):
                    model(**inputs)
            torch.cuda.synchronize()
            row["graph_ms"] = round(graph_us(lambda i: model(**inputs), 1) / 1000, 4)
        except Exception as error:
            torch.cuda.synchronize()
            row["graph_error"] = str(error)[:100]
    return row


def train_row(model, inputs, autocast):
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-5, fused=True)
    parts = {"forward": [], "backward": [], "optimizer": []}

    def step():
        t0 = time.perf_counter()
        with torch.autocast("cuda", torch.bfloat16, enabled=autocast):
            out = model(**inputs)
            loss = out.loss if hasattr(out, "loss") else out.float().mean()
        t1 = time.perf_counter()
        loss.backward()
        t2 = time.perf_counter()
        optimizer.step()
        optimizer.zero_grad()
        parts["forward"].append(t1 - t0); parts["backward"].append(t2 - t1); parts["optimizer"].append(time.perf_counter() - t2)

    row = looped(step, 4)
    row["host_parts_ms"] = {name: round(1000 * statistics.median(times[-5:]), 4) for name, times in parts.items()}
    return row, step


def profiled(fn):
    """Operations by name, shapes, types and strides: how many, and microseconds of their own kernels."""
    from torch.profiler import ProfilerActivity, profile
    with profile(activities=[ProfilerActivity.CPU, ProfilerActivity.CUDA], record_shapes=True) as run:
        fn()
        torch.cuda.synchronize()
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        run.export_chrome_trace(file.name)
        events = json.load(open(file.name))["traceEvents"]
    operations = {e["args"]["External id"]: e for e in events if e.get("cat") == "cpu_op" and "External id" in e.get("args", {})}
    found = {}
    for e in events:
        if e.get("cat") not in ("kernel", "gpu_memcpy", "gpu_memset"):
            continue
        op = operations.get(e["args"].get("External id"))
        args = op["args"] if op else {}
        key = json.dumps([op["name"] if op else "?", args.get("Input Dims"), args.get("Input type"), args.get("Input Strides"), [c for c in args.get("Concrete Inputs", [])]])
        one = found.setdefault(key, {"n": 0, "us": 0.0, "kernels": {}})
        one["n"] += 1
        one["us"] += e["dur"]
        name = e["name"][:110]
        one["kernels"][name] = round(one["kernels"].get(name, 0) + e["dur"], 2)
    return [{"op": json.loads(key), **{**one, "us": round(one["us"], 2)}} for key, one in found.items()]


def whole(seconds, models, only, write, profile):
    start = time.time()
    for name, phase, variants, build in models():
        if only not in name:
            continue
        for variant in variants:
            if time.time() - start > seconds:
                return
            row = {"row": "model", "name": name, "phase": phase, **variant}
            try:
                torch.manual_seed(0)
                dtype = torch.bfloat16 if variant["dtype"] == "bf16" else torch.float32
                model, inputs, request = build(variant, dtype)
                row["request"] = request
                model = model.to(DEV, dtype).train(phase == "train")
                if variant.get("checkpointing"):
                    model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
                inputs = {k: v.to(DEV) if torch.is_tensor(v) else v for k, v in inputs.items()}
                autocast = variant.get("autocast", False)
                if phase == "train":
                    times, step = train_row(model, inputs, autocast)
                    row.update(times)
                else:
                    row.update(forward_row(model, inputs))
                    step = lambda: torch.no_grad()(model)(**inputs)
                if profile:
                    for one in profiled(step):
                        profile({"name": name, "phase": phase, **variant, **one})
                write(row)
            except Exception as error:
                write({**row, "row": "error", "error": repr(error)[:300]})
            model = inputs = step = None
            gc.collect(); torch.cuda.empty_cache()
        print(name, phase, round(time.time() - start), flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out")
    parser.add_argument("--operations", type=float, default=0)
    parser.add_argument("--models", type=float, default=0)
    parser.add_argument("--profile", action="store_true")
    parser.add_argument("--match", default="", help="only operations whose kind or tensors hold this, or one of this|that")
    parser.add_argument("--only", default="", help="only models whose name holds this")
    parser.add_argument("--others", action="store_true", help="models that nothing is fitted to, of times_others.py")
    parser.add_argument("--name", default="times")
    options = parser.parse_args()
    chosen = others if options.others else models
    keeper = torch.cuda.CUDAGraph()
    x = torch.zeros(1, device=DEV)
    with torch.cuda.graph(keeper, stream=stream, pool=pool):
        x.add_(1)
    props = torch.cuda.get_device_properties(0)
    with gzip.open(f"{options.out}/{options.name}.jsonl.gz", "wt") as file:
        def write(row):
            file.write(json.dumps(row) + "\n")
        write({"row": "device", "name": props.name, "units": props.multi_processor_count, "l2": props.L2_cache_size, "torch": torch.__version__, "command": " ".join(sys.argv[2:])})
        if options.models:
            if options.profile:
                with gzip.open(f"{options.out}/profile.jsonl.gz", "wt") as kept:
                    whole(options.models, chosen, options.only, write, lambda row: kept.write(json.dumps(row) + "\n"))
            else:
                whole(options.models, chosen, options.only, write, None)
        if options.operations:
            if not options.match:
                optimizers(write)
            operations(options.operations, options.match, write)


main()
