"""Single operations, forward and backward, as memory_log.py sees them: what each takes at most and what stays."""

import torch
import torch.nn.functional as F

from memory_log import Watch

f32, bf16, f16 = torch.float32, torch.bfloat16, torch.float16


def t(*shape, dtype=f32, grad=True):
    return torch.randn(*shape, device="cuda").to(dtype).requires_grad_(grad)


def ids(high, *shape):
    return torch.randint(0, high, shape, device="cuda")


def attention(kind, dtype, batch, heads, queries, keys, width, kv_heads=None, **options):
    from torch.nn.attention import SDPBackend, sdpa_kernel

    kernels = {"cudnn": SDPBackend.CUDNN_ATTENTION, "flash": SDPBackend.FLASH_ATTENTION, "efficient": SDPBackend.EFFICIENT_ATTENTION, "math": SDPBackend.MATH}

    def run():
        q = t(batch, heads, queries, width, dtype=dtype)
        k, v = (t(batch, kv_heads or heads, keys, width, dtype=dtype) for _ in range(2))
        mask = options.get("mask")
        if mask == "bool":
            mask = torch.ones(batch, 1, queries, keys, dtype=torch.bool, device="cuda")
        elif mask == "float":
            mask = torch.zeros(batch, 1, queries, keys, dtype=dtype, device="cuda")
        with sdpa_kernel(kernels[kind]):
            return F.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=options.get("causal", False), enable_gqa=kv_heads is not None)

    return run


def convolutions():
    shapes = [
        (32, 3, 224, 64, 7, 2, 1), (32, 64, 56, 64, 3, 1, 1), (32, 64, 56, 256, 1, 1, 1), (32, 256, 56, 64, 1, 1, 1),
        (32, 256, 56, 512, 1, 2, 1), (32, 128, 28, 128, 3, 1, 1), (32, 128, 56, 128, 3, 2, 1), (32, 256, 14, 256, 3, 1, 1),
        (32, 512, 7, 512, 3, 1, 1), (32, 512, 7, 2048, 1, 1, 1), (32, 3, 224, 96, 4, 4, 1), (32, 3, 224, 768, 16, 16, 1),
        (32, 96, 56, 96, 7, 1, 96), (32, 384, 14, 384, 7, 1, 384), (32, 16, 112, 16, 3, 1, 16), (32, 72, 56, 72, 5, 2, 72),
        (32, 240, 14, 960, 1, 1, 1), (32, 128, 28, 128, 3, 1, 4), (1, 64, 56, 64, 3, 1, 1), (1, 512, 7, 512, 3, 1, 1),
        (1, 3, 224, 64, 7, 2, 1), (8, 64, 112, 64, 3, 1, 1), (8, 512, 28, 512, 3, 1, 1), (2, 320, 64, 320, 3, 1, 1), (2, 640, 32, 640, 3, 1, 1),
    ]  # fmt: skip
    for n, cin, size, cout, kernel, stride, groups in shapes:
        for dtype in (f32, bf16, f16):
            pad = 0 if kernel == stride else kernel // 2

            def run(n=n, cin=cin, size=size, cout=cout, kernel=kernel, stride=stride, groups=groups, dtype=dtype, pad=pad):
                weight = t(cout, cin // groups, kernel, kernel, dtype=dtype)
                return F.conv2d(t(n, cin, size, size, dtype=dtype), weight, stride=stride, padding=pad, groups=groups)

            yield f"conv2d {str(dtype)[6:]} {n} {cin} {size} {cout} {kernel} {stride} {groups}", run


def cases():
    yield "first matmul", lambda: t(256, 256) @ t(256, 256)
    for dtype in (f32, bf16):
        word = str(dtype)[6:]
        yield f"linear {word}", lambda d=dtype: F.linear(t(8, 512, 768, dtype=d), t(3072, 768, dtype=d), t(3072, dtype=d))
        yield f"linear wide {word}", lambda d=dtype: F.linear(t(4096, 4096, dtype=d), t(4096, 4096, dtype=d))
        yield f"linear skinny {word}", lambda d=dtype: F.linear(t(32, 4096, dtype=d), t(1000, 4096, dtype=d), t(1000, dtype=d))
        yield f"matmul batched {word}", lambda d=dtype: t(8, 12, 512, 64, dtype=d) @ t(8, 12, 64, 512, dtype=d)
        yield f"matmul transposed {word}", lambda d=dtype: t(8, 512, 12, 64, dtype=d).transpose(1, 2) @ t(8, 512, 12, 64, dtype=d).permute(0, 2, 3, 1)
        yield f"einsum {word}", lambda d=dtype: torch.einsum("bihd,bjhd->bhij", t(8, 512, 12, 64, dtype=d), t(8, 512, 12, 64, dtype=d))
        yield f"softmax {word}", lambda d=dtype: F.softmax(t(8, 12, 512, 512, dtype=d), -1)
        yield f"softmax float32 {word}", lambda d=dtype: F.softmax(t(8, 12, 512, 512, dtype=d), -1, dtype=f32)
        yield f"log_softmax {word}", lambda d=dtype: F.log_softmax(t(4096, 32000, dtype=d), -1)
        yield f"cross_entropy {word}", lambda d=dtype: F.cross_entropy(t(4096, 32000, dtype=d), ids(32000, 4096))
        yield f"cross_entropy float {word}", lambda d=dtype: F.cross_entropy(t(4096, 32000, dtype=d).float(), ids(32000, 4096))
        yield f"cross_entropy smoothed {word}", lambda d=dtype: F.cross_entropy(t(4096, 32000, dtype=d), ids(32000, 4096), label_smoothing=0.1)
        yield f"layer_norm {word}", lambda d=dtype: F.layer_norm(t(8, 512, 768, dtype=d), (768,), t(768, dtype=d), t(768, dtype=d))
        yield f"rms_norm {word}", lambda d=dtype: F.rms_norm(t(8, 512, 768, dtype=d), (768,), t(768, dtype=d))
        yield f"group_norm {word}", lambda d=dtype: F.group_norm(t(8, 320, 64, 64, dtype=d), 32, t(320, dtype=d), t(320, dtype=d))
        yield f"batch_norm {word}", lambda d=dtype: F.batch_norm(t(32, 64, 56, 56, dtype=d), torch.zeros(64, device="cuda"), torch.ones(64, device="cuda"), t(64), t(64), True)
        yield f"gelu {word}", lambda d=dtype: F.gelu(t(8, 512, 3072, dtype=d))
        yield f"gelu tanh {word}", lambda d=dtype: F.gelu(t(8, 512, 3072, dtype=d), approximate="tanh")
        yield f"silu {word}", lambda d=dtype: F.silu(t(8, 512, 3072, dtype=d))
        yield f"silu in place {word}", lambda d=dtype: F.silu(t(8, 512, 3072, dtype=d) * 1, inplace=True)
        yield f"relu in place {word}", lambda d=dtype: F.relu(t(8, 512, 3072, dtype=d) * 1, inplace=True)
        yield f"hardswish {word}", lambda d=dtype: F.hardswish(t(8, 512, 3072, dtype=d))
        yield f"dropout {word}", lambda d=dtype: F.dropout(t(8, 512, 3072, dtype=d), 0.1, True)
        yield f"embedding {word}", lambda d=dtype: F.embedding(ids(32000, 8, 512), t(32000, 768, dtype=d))
        yield f"embedding padded {word}", lambda d=dtype: F.embedding(ids(32000, 16, 1024), t(32000, 768, dtype=d), padding_idx=0)
        yield f"max_pool {word}", lambda d=dtype: F.max_pool2d(t(32, 64, 112, 112, dtype=d), 3, 2, 1)
        yield f"avg_pool {word}", lambda d=dtype: F.avg_pool2d(t(32, 64, 56, 56, dtype=d), 2)
        yield f"adaptive_avg_pool {word}", lambda d=dtype: F.adaptive_avg_pool2d(t(32, 512, 14, 14, dtype=d), 7)
        yield f"adaptive_avg_pool one {word}", lambda d=dtype: F.adaptive_avg_pool2d(t(32, 512, 14, 14, dtype=d), 1)
        yield f"interpolate nearest {word}", lambda d=dtype: F.interpolate(t(8, 64, 32, 32, dtype=d), scale_factor=2)
        yield f"interpolate bilinear {word}", lambda d=dtype: F.interpolate(t(8, 64, 32, 32, dtype=d), scale_factor=2, mode="bilinear")
        yield f"conv1d {word}", lambda d=dtype: F.conv1d(t(8, 256, 2048, dtype=d), t(256, 256, 3, dtype=d), padding=1)
        yield f"conv1d depthwise {word}", lambda d=dtype: F.conv1d(t(8, 1024, 1024, dtype=d), t(1024, 1, 4, dtype=d), padding=3, groups=1024)
        yield f"conv3d {word}", lambda d=dtype: F.conv3d(t(2, 32, 16, 56, 56, dtype=d), t(64, 32, 3, 3, 3, dtype=d), padding=1)
        yield f"conv_transpose2d {word}", lambda d=dtype: F.conv_transpose2d(t(8, 128, 32, 32, dtype=d), t(128, 64, 2, 2, dtype=d), stride=2)
        yield f"conv2d channels last {word}", lambda d=dtype: F.conv2d(t(32, 64, 56, 56, dtype=d).contiguous(memory_format=torch.channels_last), t(64, 64, 3, 3, dtype=d).contiguous(memory_format=torch.channels_last), padding=1)
        yield f"sum {word}", lambda d=dtype: t(8, 512, 3072, dtype=d).sum(-1)
        yield f"sum all {word}", lambda d=dtype: t(8, 512, 3072, dtype=d).sum()
        yield f"mean all {word}", lambda d=dtype: t(8, 512, 3072, dtype=d).mean()
        yield f"sum rows {word}", lambda d=dtype: t(65536, 768, dtype=d).sum(0)
        yield f"cumsum {word}", lambda d=dtype: t(8, 512, 3072, dtype=d).cumsum(1)
        yield f"topk {word}", lambda d=dtype: t(4096, 64, dtype=d).topk(2)[0]
        yield f"sort {word}", lambda d=dtype: t(64, 4096, dtype=d).sort()[0]
        yield f"gather {word}", lambda d=dtype: t(4096, 64, dtype=d).gather(1, ids(64, 4096, 2))
        yield f"index_select {word}", lambda d=dtype: t(4096, 768, dtype=d).index_select(0, ids(4096, 8192))
        yield f"index {word}", lambda d=dtype: t(4096, 768, dtype=d)[ids(4096, 8192)]
        yield f"index_add {word}", lambda d=dtype: t(4096, 768, dtype=d).index_add(0, ids(4096, 8192), t(8192, 768, dtype=d))
        yield f"index_put {word}", lambda d=dtype: t(4096, 768, dtype=d).index_put((ids(4096, 8192),), t(8192, 768, dtype=d), accumulate=True)
        yield f"scatter_add {word}", lambda d=dtype: t(4096, 768, dtype=d).scatter_add(0, ids(4096, 8192, 768), t(8192, 768, dtype=d))
        yield f"where {word}", lambda d=dtype: torch.where(torch.ones(8, 512, 3072, device="cuda", dtype=torch.bool), t(8, 512, 3072, dtype=d), t(8, 512, 3072, dtype=d))
        yield f"masked_fill {word}", lambda d=dtype: t(8, 12, 512, 512, dtype=d).masked_fill(torch.ones(512, 512, device="cuda", dtype=torch.bool), -1e9)
        yield f"cat {word}", lambda d=dtype: torch.cat([t(8, 512, 768, dtype=d), t(8, 512, 768, dtype=d)], -1)
        yield f"roll {word}", lambda d=dtype: torch.roll(t(32, 56, 56, 96, dtype=d), (3, 3), (1, 2))
        yield f"pow {word}", lambda d=dtype: t(8, 512, 3072, dtype=d).pow(2)
        yield f"std {word}", lambda d=dtype: t(8, 512, 3072, dtype=d).std(-1)
        yield f"norm {word}", lambda d=dtype: F.normalize(t(8, 512, 3072, dtype=d), dim=-1)
        yield f"mul broadcast {word}", lambda d=dtype: t(8, 512, 3072, dtype=d) * t(3072, dtype=d)
        yield f"div {word}", lambda d=dtype: t(8, 512, 3072, dtype=d) / t(8, 512, 3072, dtype=d)
        yield f"tanh {word}", lambda d=dtype: t(8, 512, 3072, dtype=d).tanh()
        yield f"mse {word}", lambda d=dtype: F.mse_loss(t(8, 512, 3072, dtype=d), t(8, 512, 3072, dtype=d))
        yield f"bce {word}", lambda d=dtype: F.binary_cross_entropy_with_logits(t(8, 512, 3072, dtype=d), t(8, 512, 3072, dtype=d, grad=False))
        yield f"lstm {word}", lambda d=dtype: torch.nn.LSTM(256, 512, 2, batch_first=True, device="cuda", dtype=d)(t(16, 128, 256, dtype=d))[0]
        yield f"gru {word}", lambda d=dtype: torch.nn.GRU(256, 512, 2, batch_first=True, device="cuda", dtype=d)(t(16, 128, 256, dtype=d))[0]
        yield f"float mean {word}", lambda d=dtype: t(8, 512, 3072, dtype=d).float().mean()
        yield f"math attention {word}", attention("math", dtype, 2, 8, 512, 512, 64)
        yield f"math attention causal {word}", attention("math", dtype, 2, 8, 512, 512, 64, causal=True)
        for causal in (False, True):
            yield f"efficient attention {causal} {word}", attention("efficient", dtype, 8, 12, 512, 512, 64, causal=causal)
            yield f"efficient attention 128 {causal} {word}", attention("efficient", dtype, 2, 12, 1024, 1024, 128, causal=causal)
        yield f"efficient attention long {word}", attention("efficient", dtype, 1, 8, 4096, 4096, 64, causal=True)
        yield f"efficient attention masked {word}", attention("efficient", dtype, 8, 12, 512, 512, 64, mask="float")
        yield f"efficient attention cross {word}", attention("efficient", dtype, 8, 12, 128, 512, 64)
    for kind in ("cudnn", "flash"):
        for causal in (False, True):
            yield f"{kind} attention {causal}", attention(kind, bf16, 8, 12, 512, 512, 64, causal=causal)
            yield f"{kind} attention 128 {causal}", attention(kind, bf16, 2, 32, 2048, 2048, 128, causal=causal)
            yield f"{kind} attention 96 {causal}", attention(kind, bf16, 2, 8, 1000, 1000, 96, causal=causal)
            yield f"{kind} attention grouped {causal}", attention(kind, bf16, 2, 32, 2048, 2048, 128, kv_heads=8, causal=causal)
            yield f"{kind} attention 197 {causal}", attention(kind, bf16, 32, 12, 197, 197, 64, causal=causal)
        yield f"{kind} attention cross", attention(kind, bf16, 8, 12, 128, 512, 64)
    yield "cudnn attention masked", attention("cudnn", bf16, 8, 12, 512, 512, 64, mask="bool")
    yield "cudnn attention float mask", attention("cudnn", bf16, 8, 12, 512, 512, 64, mask="float")
    yield "grouped products", lambda: torch._grouped_mm(t(4096, 1024, dtype=bf16), t(8, 1024, 2048, dtype=bf16), offs=torch.arange(512, 4097, 512, device="cuda", dtype=torch.int32))
    yield from convolutions()


def optimizers():
    """One step over parameters of several sizes, gradients at hand; the second step, whose state is there."""
    for dtype in (f32, bf16):
        for name, make in (
            ("adamw fused", lambda p: torch.optim.AdamW(p, fused=True)),
            ("adamw foreach", lambda p: torch.optim.AdamW(p, foreach=True)),
            ("adamw capturable", lambda p: torch.optim.AdamW(p, foreach=True, capturable=True)),
            ("adamw single", lambda p: torch.optim.AdamW(p, foreach=False)),
            ("sgd", lambda p: torch.optim.SGD(p, lr=0.1)),
            ("sgd momentum", lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9)),
            ("sgd weight decay", lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, weight_decay=0.1)),
            ("adafactor", lambda p: torch.optim.Adafactor(p)),
            ("muon", lambda p: torch.optim.Muon([one for one in p if one.dim() == 2])),
            ("clip", None),
        ):
            yield f"{name} {str(dtype)[6:]}", dtype, make


def measured():
    for name, run in cases():
        for again in range(2):  # the first run takes workspaces that later ones find
            torch.cuda.synchronize()
            watch = Watch()
            try:
                with watch:
                    out = run()
                    watch.note("forward")
                    if out.requires_grad:
                        out.backward(torch.ones_like(out))
            except Exception as error:
                watch.operations.append(["refused", str(error)[:120]])
            if again or "conv2d" in name:
                noise = {"randn.default", "randint.low", "detach.default", "ones_like.default"}
                kept = [one for one in watch.operations if one[1] not in noise]
                yield {"case": name, "operations": kept}
            out = None
            if "conv2d" in name:
                break
    for name, dtype, make in optimizers():
        shapes = [(50257, 768), (768,), (3072, 768), (768, 3072), (64, 3, 7, 7), (3072,)]
        parameters = [torch.nn.Parameter(t(*shape, dtype=dtype, grad=False)) for shape in shapes]
        for one in parameters:
            one.grad = torch.ones_like(one)
        before = torch.cuda.memory_allocated()
        try:
            optimizer = make(parameters) if make else None
            figures = []
            for _ in range(2):
                torch.cuda.reset_peak_memory_stats()
                start = torch.cuda.memory_allocated()
                optimizer.step() if optimizer else torch.nn.utils.clip_grad_norm_(parameters, 1.0)
                figures.append([torch.cuda.memory_allocated() - start, torch.cuda.max_memory_allocated() - start])
            watch = Watch()
            with watch:
                optimizer.step() if optimizer else torch.nn.utils.clip_grad_norm_(parameters, 1.0)
            yield {"optimizer": name, "parameters": before, "steps": figures, "operations": watch.operations}
        except Exception as error:
            yield {"optimizer": name, "refused": str(error)[:200]}
        optimizer = None
