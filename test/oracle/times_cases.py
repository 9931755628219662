"""The single operations whose times make_times.py measures: code over named tensors, as both PyTorch and Assay run it.

A case is (kind, code, tensors, options). A tensor is `dtype[sizes]`, a `@cl` behind it means channels-last, `@i N` random
indices below N, `@ones` ones. Options: `grad`, names that need a gradient (the backward pass is measured too); `backend`, the SDPA
back end that is forced.
"""


def tensor(dtype, *sizes):
    return f"{dtype}[{','.join(map(str, sizes))}]"


BF, FP, HALF = "bfloat16", "float32", "float16"


def linear():
    main = [(768, 768), (3072, 768), (768, 3072), (4096, 4096), (2048, 2048), (8192, 2048), (2048, 8192), (1024, 4096)]
    more = [(2304, 768), (11008, 4096), (4096, 11008), (6144, 4096), (32000, 2048), (50257, 768), (128256, 2048), (1000, 1280), (192, 192), (1280, 320), (96, 384), (384, 96), (512, 128)]
    for n, k in main:
        for m in [1, 2, 4, 8, 16, 32, 64, 128, 197, 256, 384, 512, 1024, 2048, 4096, 8192, 16384]:
            yield n, k, m, BF
        for m in [1, 4, 16, 64, 197, 512, 1024, 2048, 4096]:
            yield n, k, m, FP
    for n, k in more:
        for m in [1, 8, 32, 64, 256, 1024, 4096, 12544]:
            if m * n < 3e9:
                yield n, k, m, BF
        for m in [1, 32, 256, 1024, 4096]:
            yield n, k, m, FP
    for n, k in main[:4]:
        for m in [1, 64, 512, 4096]:
            yield n, k, m, HALF


def cases():
    for i, (n, k, m, dtype) in enumerate(linear()):
        x, w, b = tensor(dtype, m, k), tensor(dtype, n, k), tensor(dtype, n)
        if i % 3 == 0:
            yield "linear", "F.linear(x, w, b)", {"x": x, "w": w, "b": b}, {}
        else:
            yield "linear", "F.linear(x, w)", {"x": x, "w": w}, {}
        if m >= 197 and n * k < 4e7 and i % 2 == 0:
            g = tensor(dtype, m, n)
            yield "linear", "torch.mm(g, w)", {"g": g, "w": w}, {}
            yield "linear", "torch.mm(g.t(), x)", {"g": g, "x": x}, {}
    for dtype in [BF, FP]:
        for bh, s, d in [(12, 128, 64), (12, 512, 64), (96, 512, 64), (128, 512, 64), (12, 1024, 64), (32, 1024, 64), (32, 2048, 128), (384, 197, 64), (2048, 49, 32), (6144, 49, 32), (32, 4096, 64)]:
            yield "bmm", "torch.matmul(q, k.transpose(-1, -2))", {"q": tensor(dtype, 1, bh, s, d), "k": tensor(dtype, 1, bh, s, d)}, {}
            yield "bmm", "torch.matmul(p, v)", {"p": tensor(dtype, 1, bh, s, s), "v": tensor(dtype, 1, bh, s, d)}, {}
            if s in (512, 1024, 197, 49):
                yield "bmm", "torch.matmul(p.transpose(-1, -2), v)", {"p": tensor(dtype, 1, bh, s, s), "v": tensor(dtype, 1, bh, s, d)}, {}
        for bh, s in [(32, 1024), (256, 4096)]:
            yield "bmm", "torch.matmul(q, k.transpose(-1, -2))", {"q": tensor(dtype, 1, bh, 1, 128), "k": tensor(dtype, 1, bh, s, 128)}, {}
    yield from misaligned()
    yield from attention()
    yield from convolutions()
    yield from norms()
    yield from elementwise()
    yield from movements()
    yield from reductions()
    yield from lookups()


def misaligned():
    """Rows that begin at multiples of 1, 2 or 4 elements: vocabularies, patches, windows."""
    for n, k in [(30522, 768), (50258, 768), (50260, 768), (50257, 1024), (196, 384), (384, 196), (1001, 512), (1002, 512), (1004, 512), (512, 1001), (512, 1002), (512, 1004)]:
        for m in [64, 512, 4096, 24576]:
            if m * n > 4e8:
                continue
            x, w, g = tensor(BF, m, k), tensor(BF, n, k), tensor(BF, m, n)
            yield "misaligned linear", "F.linear(x, w)", {"x": x, "w": w}, {}
            yield "misaligned linear", "torch.mm(g, w)", {"g": g, "w": w}, {}
            yield "misaligned linear", "torch.mm(g.t(), x)", {"g": g, "x": x}, {}
    for s in [50, 52, 98, 100, 198]:
        q, p = tensor(BF, 1, 768, s, 32), tensor(BF, 1, 768, s, s)
        yield "misaligned bmm", "torch.matmul(q, k.transpose(-1, -2))", {"q": q, "k": q}, {}
        yield "misaligned bmm", "torch.matmul(p, v)", {"p": p, "v": q}, {}


def attention():
    sdpa = "F.scaled_dot_product_attention(q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2)%s)"
    grad = {"grad": ["q", "k", "v"]}
    shapes = [(1, 128, 12, 64), (8, 128, 12, 64), (1, 512, 12, 64), (8, 512, 12, 64), (8, 512, 16, 64), (32, 512, 16, 64), (1, 1024, 12, 64), (8, 1024, 12, 64), (2, 1024, 20, 64), (1, 4096, 32, 64), (1, 2048, 32, 128), (4, 2048, 32, 128), (1, 8192, 32, 128), (1, 197, 12, 64), (8, 197, 12, 64), (64, 197, 12, 64), (32, 197, 6, 64), (64, 49, 8, 32), (2048, 49, 3, 32), (1, 16384, 16, 64), (4, 1024, 8, 80), (2, 1024, 8, 256), (8, 577, 16, 64)]
    for dtype in [BF, FP]:
        for b, s, h, d in shapes:
            if dtype == FP and b * h * s * s * d > 2e11:
                continue
            q = tensor(dtype, b, s, h, d)
            for causal in (["", ", is_causal=True"] if s >= 512 or s == 128 else [""]):
                yield "sdpa", sdpa % causal, {"q": q, "k": q, "v": q}, grad
    for b, s, h, hk, d in [(1, 512, 32, 8, 64), (1, 4096, 32, 8, 64), (8, 1024, 32, 8, 64), (1, 2048, 32, 8, 128), (2, 4096, 28, 4, 128), (1, 1024, 16, 2, 128), (1, 1024, 8, 1, 256)]:
        q, k = tensor(BF, b, s, h, d), tensor(BF, b, s, hk, d)
        yield "sdpa", sdpa % ", is_causal=True, enable_gqa=True", {"q": q, "k": k, "v": k}, grad
    for dtype in [BF]:
        for b, s, h, hk, d in [(1, 512, 32, 8, 64), (1, 1024, 32, 8, 64), (1, 4096, 32, 8, 64), (1, 32768, 32, 8, 64), (8, 1024, 32, 8, 64), (8, 4096, 32, 8, 64), (32, 4096, 32, 8, 64), (1, 1024, 32, 8, 128), (1, 8192, 32, 8, 128), (1, 131072, 32, 8, 128), (4, 8192, 32, 8, 128), (16, 2048, 32, 8, 128), (64, 2048, 32, 8, 128), (1, 2048, 32, 32, 128), (16, 2048, 32, 32, 128), (1, 4096, 28, 4, 128), (8, 4096, 16, 2, 128), (1, 8192, 64, 8, 128), (16, 4096, 64, 8, 128), (1, 512, 12, 12, 64), (16, 1024, 12, 12, 64), (4, 4096, 8, 1, 256)]:
            grouped = ", enable_gqa=True" if hk != h else ""
            yield "decode attention", "F.scaled_dot_product_attention(q, k, v%s)" % grouped, {"q": tensor(dtype, b, h, 1, d), "k": tensor(dtype, b, hk, s, d), "v": tensor(dtype, b, hk, s, d)}, {}
    for backend in ["flash", "efficient", "math"]:
        for b, s, h, d in [(8, 512, 16, 64), (8, 1024, 12, 64), (1, 4096, 32, 64), (1, 2048, 32, 128), (64, 197, 12, 64)]:
            q = tensor(BF, b, s, h, d)
            for causal in ["", ", is_causal=True"]:
                yield "sdpa", sdpa % causal, {"q": q, "k": q, "v": q}, {**grad, "backend": backend}
    # A mask of its own, as relative positions and padding give one.
    for b, s, h, d in [(8, 512, 16, 64), (2, 1024, 12, 64), (512, 49, 3, 32)]:
        for dtype in [BF, FP]:
            q = tensor(dtype, b, s, h, d)
            yield "sdpa", sdpa % ", attn_mask=m", {"q": q, "k": q, "v": q, "m": tensor(dtype, b, h, s, s)}, grad
            yield "sdpa", sdpa % ", attn_mask=m.bool()", {"q": q, "k": q, "v": q, "m": tensor("bool", b, 1, s, s) + "@ones"}, grad
    # A mask without an axis of keys, which only the composed kernel reads.
    for dtype in [BF, FP]:
        for b, s, h, d in [(1, 128, 12, 64), (1, 512, 16, 64), (8, 512, 12, 64), (32, 512, 16, 64), (2, 1024, 12, 128)]:
            q = tensor(dtype, b, s, h, d)
            yield "sdpa", sdpa % f", attn_mask=m.expand({b}, 1, {s}, {s})", {"q": q, "k": q, "v": q, "m": tensor("bool", b, 1, s, 1) + "@ones"}, {}
    # A prompt's chunk over a longer context, and cross attention.
    for b, s, t, h, d in [(1, 512, 4096, 32, 128), (8, 128, 512, 16, 64), (4, 77, 4096, 8, 64), (4, 4096, 77, 8, 64)]:
        yield "sdpa", sdpa % "", {"q": tensor(BF, b, s, h, d), "k": tensor(BF, b, t, h, d), "v": tensor(BF, b, t, h, d)}, grad


def convolutions():
    # channels in, side, kernel, channels out, stride, groups: layers of ResNet, ConvNeXt, MobileNet, EfficientNet, VGG and U-Nets.
    layers = [(3, 224, 7, 64, 2, 1), (3, 224, 3, 32, 2, 1), (3, 224, 4, 96, 4, 1), (3, 224, 16, 768, 16, 1), (3, 224, 3, 64, 1, 1),
              (64, 56, 1, 64, 1, 1), (64, 56, 3, 64, 1, 1), (64, 56, 1, 256, 1, 1), (256, 56, 1, 64, 1, 1), (256, 56, 1, 512, 2, 1), (128, 56, 3, 128, 2, 1), (128, 28, 3, 128, 1, 1), (512, 28, 1, 128, 1, 1), (256, 14, 3, 256, 1, 1), (256, 14, 1, 1024, 1, 1), (1024, 14, 1, 256, 1, 1), (512, 7, 3, 512, 1, 1), (512, 7, 1, 2048, 1, 1), (64, 112, 3, 128, 1, 1), (512, 28, 3, 512, 1, 1),
              (96, 56, 7, 96, 1, 96), (192, 28, 7, 192, 1, 192), (384, 14, 7, 384, 1, 384), (768, 7, 7, 768, 1, 768), (96, 56, 2, 192, 2, 1), (384, 14, 2, 768, 2, 1),
              (16, 112, 3, 16, 1, 16), (32, 112, 3, 32, 1, 32), (64, 112, 3, 64, 2, 64), (72, 56, 5, 72, 2, 72), (144, 56, 3, 144, 1, 144), (240, 14, 3, 240, 1, 240), (672, 14, 5, 672, 2, 672), (960, 7, 5, 960, 1, 960), (1152, 7, 5, 1152, 1, 1152),
              (16, 112, 1, 64, 1, 1), (24, 56, 1, 144, 1, 1), (80, 14, 1, 480, 1, 1), (160, 7, 1, 960, 1, 1), (960, 7, 1, 160, 1, 1), (960, 1, 1, 240, 1, 1), (240, 1, 1, 960, 1, 1),
              (128, 56, 3, 128, 1, 32), (512, 14, 3, 512, 1, 32), (320, 32, 3, 320, 1, 1), (320, 64, 3, 320, 1, 1)]
    for cin, side, kernel, cout, stride, groups in layers:
        pad = kernel // 2 if kernel not in (2, 4, 16) else 0
        for dtype in [BF, FP]:
            for batch in [1, 32, 64] if dtype == BF else [1, 32]:
                x, w = tensor(dtype, batch, cin, side, side), tensor(dtype, cout, cin // groups, kernel, kernel)
                code = f"F.conv2d(x, w, None, {stride}, {pad}, 1, {groups})"
                grad = {"grad": ["w"] if cin == 3 else ["x", "w"]} if batch != 64 else {}
                yield "conv", code, {"x": x, "w": w}, grad
                if batch == 32 and cin >= 64:
                    yield "conv", code, {"x": x + "@cl", "w": w + "@cl"}, {"grad": ["x", "w"]}
    for dtype in [BF, FP]:
        yield "conv", "F.conv2d(x, w, b, 1, 1)", {"x": tensor(dtype, 8, 128, 64, 64), "w": tensor(dtype, 128, 128, 3, 3), "b": tensor(dtype, 128)}, {"grad": ["x", "w", "b"]}
        yield "conv", "F.conv1d(x, w, None, 2)", {"x": tensor(dtype, 4, 512, 4000), "w": tensor(dtype, 512, 512, 3)}, {"grad": ["x", "w"]}
        yield "conv", "F.conv1d(x, w, None, 1, 3, 1, 1536)", {"x": tensor(dtype, 1, 1536, 2048), "w": tensor(dtype, 1536, 1, 4)}, {"grad": ["x", "w"]}
        yield "conv", "F.conv_transpose2d(x, w, None, 2)", {"x": tensor(dtype, 8, 128, 32, 32), "w": tensor(dtype, 128, 64, 2, 2)}, {"grad": ["x", "w"]}
        yield "conv", "F.conv3d(x, w, None, 1, 1)", {"x": tensor(dtype, 2, 64, 16, 56, 56), "w": tensor(dtype, 64, 64, 3, 3, 3)}, {"grad": ["x", "w"]}


def norms():
    for dtype in [BF, FP]:
        for rows, columns in [(1, 4096), (8, 4096), (197, 768), (512, 768), (512, 2048), (2048, 1024), (4096, 768), (4096, 4096), (8192, 768), (8192, 2048), (16384, 1024), (65536, 4096), (12608, 768), (100352, 96), (200704, 96), (25088, 384)]:
            x, w = tensor(dtype, rows, columns), tensor(dtype, columns)
            yield "layer norm", f"F.layer_norm(x, ({columns},), w, b)", {"x": x, "w": w, "b": w}, {"grad": ["x", "w", "b"]}
            yield "rms norm", f"F.rms_norm(x, ({columns},), w)", {"x": x, "w": w}, {"grad": ["x", "w"]}
        for batch, channels, side in [(1, 64, 112), (1, 512, 7), (8, 32, 112), (8, 128, 28), (64, 64, 56), (128, 128, 28), (128, 24, 56), (32, 64, 112), (32, 64, 56), (32, 256, 56), (32, 512, 28), (32, 1024, 14), (32, 2048, 7), (32, 16, 112), (32, 960, 7), (64, 256, 56)]:
            x, w = tensor(dtype, batch, channels, side, side), tensor(FP, channels)
            yield "batch norm", "F.batch_norm(x, m, v, w, b, True, 0.1)", {"x": x, "m": w, "v": w + "@ones", "w": w, "b": w}, {"grad": ["x", "w", "b"]}
            if batch == 32:
                yield "batch norm", "F.batch_norm(x, m, v, w, b, True, 0.1)", {"x": x + "@cl", "m": w, "v": w + "@ones", "w": w, "b": w}, {"grad": ["x", "w", "b"]}
            w = tensor(dtype, channels)
            yield "batch norm", "F.batch_norm(x, m, v, w, b, False)", {"x": x, "m": w, "v": w + "@ones", "w": w, "b": w}, {}
        for batch, channels, side in [(2, 320, 64), (8, 128, 64), (8, 512, 32), (1, 256, 14)]:
            x, w = tensor(dtype, batch, channels, side, side), tensor(dtype, channels)
            yield "group norm", "F.group_norm(x, 32, w, b)", {"x": x, "w": w, "b": w}, {"grad": ["x", "w", "b"]}
        for rows, columns in [(1, 128256), (12 * 128, 128), (96 * 512, 512), (128 * 512, 512), (96 * 1024, 1024), (40 * 1024, 1024), (32 * 4096, 4096), (384 * 197, 197), (6144 * 49, 49), (4096, 4096), (512, 50257), (4096, 32000)]:
            yield "softmax", "F.softmax(x, -1)", {"x": tensor(dtype, rows, columns)}, {"grad": ["x"]}
            if columns > 10000:
                yield "softmax", "F.log_softmax(x, -1)", {"x": tensor(dtype, rows, columns)}, {"grad": ["x"]}
        yield "softmax", "F.softmax(x, -1, dtype=torch.float32)", {"x": tensor(dtype, 40 * 1024, 1024)}, {"grad": ["x"]}


def elementwise():
    for dtype in [BF, FP]:
        for n in [1 << 10, 1 << 14, 1 << 18, 1 << 20, 1 << 22, 1 << 23, 1 << 24, 1 << 25, 1 << 26, 1 << 28]:
            x = tensor(dtype, n // 1024, 1024)
            yield "elementwise", "x + y", {"x": x, "y": x}, {}
            yield "elementwise", "F.gelu(x)", {"x": x}, {"grad": ["x"]} if n <= 1 << 26 else {}
            if n in (1 << 14, 1 << 20, 1 << 23, 1 << 24, 1 << 26):
                yield "elementwise", "x * y", {"x": x, "y": x}, {"grad": ["x", "y"]}
                yield "elementwise", "F.silu(x)", {"x": x}, {"grad": ["x"]}
                yield "elementwise", "F.relu(x)", {"x": x}, {"grad": ["x"]}
                yield "elementwise", "x.relu_()", {"x": x}, {}
                yield "elementwise", "x.add_(y)", {"x": x, "y": x}, {}
                yield "elementwise", "F.gelu(x, approximate='tanh')", {"x": x}, {}
                yield "elementwise", "torch.tanh(x)", {"x": x}, {"grad": ["x"]}
                yield "elementwise", "F.hardswish(x)", {"x": x}, {"grad": ["x"]}
                yield "elementwise", "torch.pow(x, 3.0)", {"x": x}, {}
                yield "elementwise", "x * 0.5", {"x": x}, {}
                yield "elementwise", "x + b", {"x": x, "b": tensor(dtype, 1024)}, {}
                yield "elementwise", "x * c", {"x": x, "c": tensor(dtype, n // 1024, 1)}, {}
                yield "elementwise", "x.to(torch.float32)" if dtype == BF else "x.to(torch.bfloat16)", {"x": x}, {}
                yield "elementwise", "x + y", {"x": x, "y": tensor(FP if dtype == BF else BF, n // 1024, 1024)}, {}
                yield "elementwise", "torch.where(m, x, y)", {"x": x, "y": x, "m": tensor("bool", n // 1024, 1024) + "@ones"}, {}
                yield "elementwise", "x.masked_fill(m, 0.0)", {"x": x, "m": tensor("bool", n // 1024, 1024) + "@ones"}, {}
                yield "dropout", "F.dropout(x, 0.1, True)", {"x": x}, {"grad": ["x"]}
                yield "elementwise", "torch.sigmoid(x)", {"x": x}, {}
                yield "elementwise", "torch.exp(x)", {"x": x}, {}
                yield "elementwise", "torch.zeros_like(x)", {"x": x}, {}
                yield "elementwise", "-x", {"x": x}, {}
        for b, h, s, d in [(1, 32, 512, 64), (1, 32, 4096, 64), (8, 32, 1024, 64)]:
            x, c = tensor(dtype, b, s, h, d), tensor(dtype, b, 1, s, d)
            yield "elementwise", "x.transpose(1, 2) * c", {"x": x, "c": c}, {}
            yield "elementwise", "torch.cat((-x.transpose(1, 2)[..., 32:], x.transpose(1, 2)[..., :32]), dim=-1)", {"x": x}, {}
        for b, c, side in [(32, 96, 56), (64, 960, 7), (64, 64, 112)]:
            yield "elementwise", "x * s", {"x": tensor(dtype, b, c, side, side), "s": tensor(dtype, b, c, 1, 1)}, {"grad": ["x", "s"]}
            yield "elementwise", "x.permute(0, 3, 1, 2) * s + y", {"x": tensor(dtype, b, side, side, c), "s": tensor(dtype, c, 1, 1), "y": tensor(dtype, b, c, side, side)}, {}
        for b, h, s in [(8, 12, 1024), (2, 20, 1024), (8, 16, 512)]:
            yield "elementwise", "x + m", {"x": tensor(dtype, b, h, s, s), "m": tensor(dtype, b, 1, s, s)}, {}


def movements():
    for dtype in [BF, FP]:
        for b, s, h, d in [(1, 1, 32, 64), (1, 197, 12, 64), (1, 512, 32, 64), (8, 512, 16, 64), (8, 1024, 12, 64), (1, 4096, 32, 64), (8, 1024, 32, 64), (4, 2048, 32, 128)]:
            yield "copy", "x.transpose(1, 2).contiguous()", {"x": tensor(dtype, b, s, h, d)}, {}
            yield "copy", "x.transpose(-1, -2).contiguous()", {"x": tensor(dtype, b, h, s, d)}, {}
        for b, c, side in [(1, 96, 56), (32, 96, 56), (64, 96, 56), (64, 384, 14), (32, 768, 7)]:
            yield "copy", "x.permute(0, 2, 3, 1).contiguous()", {"x": tensor(dtype, b, c, side, side)}, {}
            yield "copy", "x.permute(0, 3, 1, 2).contiguous()", {"x": tensor(dtype, b, side, side, c)}, {}
        for rows, columns in [(512, 1024), (8192, 1024), (65536, 1024), (4096, 8192)]:
            x = tensor(dtype, rows, columns)
            yield "copy", "x.clone()", {"x": x}, {}
            yield "copy", "x.t().contiguous()", {"x": x}, {}
            yield "copy", "torch.cat((x, y), dim=-1)", {"x": x, "y": x}, {}
            yield "copy", "torch.cat((x, y), dim=0)", {"x": x, "y": x}, {}
            yield "copy", f"x.chunk(2, -1)[0] * x.chunk(2, -1)[1]", {"x": x}, {}
            yield "copy", f"x[:, :{columns // 2}].contiguous()", {"x": x}, {}
        for b, s, hk, d in [(1, 512, 8, 64), (1, 4096, 8, 64), (8, 1024, 8, 64)]:
            yield "copy", f"x.transpose(1, 2)[:, :, None].expand({b}, {hk}, 4, {s}, {d}).reshape({b}, {hk * 4}, {s}, {d})", {"x": tensor(dtype, b, s, hk, d)}, {}
        for b, side, c in [(1, 56, 96), (32, 56, 96), (64, 28, 192)]:
            x = tensor(dtype, b, side, side, c)
            yield "copy", "torch.roll(x, shifts=(-3, -3), dims=(1, 2))", {"x": x}, {"grad": ["x"]}
            yield "copy", f"x.view({b}, {side // 7}, 7, {side // 7}, 7, {c}).permute(0, 1, 3, 2, 4, 5).reshape(-1, 49, {c})", {"x": x}, {"grad": ["x"]}
            yield "copy", "F.pad(x, (0, 0, 0, 1, 0, 1))", {"x": x}, {}
            yield "copy", "torch.cat([x[:, 0::2, 0::2], x[:, 1::2, 0::2], x[:, 0::2, 1::2], x[:, 1::2, 1::2]], -1)", {"x": x}, {}
        for b, c, side in [(32, 64, 112), (1, 64, 112), (8, 512, 28)]:
            yield "pool", "F.max_pool2d(x, 3, 2, 1)", {"x": tensor(dtype, b, c, side, side)}, {"grad": ["x"]}
            yield "pool", "F.avg_pool2d(x, 2, 2)", {"x": tensor(dtype, b, c, side, side)}, {"grad": ["x"]}
            yield "pool", "F.interpolate(x, scale_factor=2.0, mode='nearest')", {"x": tensor(dtype, b, c, side // 2, side // 2)}, {"grad": ["x"]}
            yield "pool", "F.interpolate(x, scale_factor=2.0, mode='bilinear')", {"x": tensor(dtype, b, c, side // 2, side // 2)}, {"grad": ["x"]}


def reductions():
    for dtype in [BF, FP]:
        for rows, columns in [(512, 768), (4096, 768), (4096, 4096), (16384, 1024), (65536, 1024), (200704, 96), (8192, 50257)]:
            x = tensor(dtype, rows, columns)
            yield "reduction", "x.sum(-1)", {"x": x}, {}
            yield "reduction", "x.sum(0)", {"x": x}, {}
            yield "reduction", "x.float().mean()", {"x": x}, {"grad": ["x"]}
            if rows <= 65536:
                yield "reduction", "x.pow(2).mean(-1, keepdim=True)", {"x": x}, {"grad": ["x"]}
                yield "reduction", "x.argmax(-1)", {"x": x}, {}
                yield "scan", "x.cumsum(-1)", {"x": x}, {}
        for b, c, side in [(1, 960, 7), (64, 960, 7), (32, 96, 56), (64, 64, 112), (64, 2048, 7)]:
            x = tensor(dtype, b, c, side, side)
            yield "reduction", "F.adaptive_avg_pool2d(x, 1)", {"x": x}, {"grad": ["x"]}
            yield "reduction", "x.mean((2, 3))", {"x": x}, {"grad": ["x"]}
            yield "reduction", "x.sum((0, 2, 3))", {"x": x}, {}
        yield "reduction", "torch.linalg.vector_norm(x)", {"x": tensor(dtype, 4096, 4096)}, {}


def lookups():
    for dtype in [BF, FP]:
        for rows, vocabulary, width in [(1, 128256, 2048), (512, 50257, 768), (4096, 30522, 1024), (4096, 128256, 2048), (8192, 50257, 768), (16384, 32000, 4096)]:
            yield "embedding", "F.embedding(i, w)", {"i": tensor("int64", rows) + f"@i {vocabulary}", "w": tensor(dtype, vocabulary, width)}, {"grad": ["w"]}
        for rows, vocabulary in [(512, 50257), (8192, 50257), (2048, 50257), (4096, 128256), (4096, 30522), (4096, 32128), (128, 1000)]:
            yield "cross entropy", "F.cross_entropy(x, i)", {"x": tensor(dtype, rows, vocabulary), "i": tensor("int64", rows) + f"@i {vocabulary}"}, {"grad": ["x"]}
            if dtype == BF:
                yield "cross entropy", "F.cross_entropy(x.float(), i)", {"x": tensor(dtype, rows, vocabulary), "i": tensor("int64", rows) + f"@i {vocabulary}"}, {"grad": ["x"]}
        for rows, table, width in [(4096, 4096, 2048), (16384, 8192, 4096), (16384, 8192, 768)]:
            x, i = tensor(dtype, table, width), tensor("int64", rows) + f"@i {table}"
            yield "gather", "x[i]", {"x": x, "i": i}, {"grad": ["x"]}
            yield "gather", "x.index_select(0, i)", {"x": x, "i": i}, {"grad": ["x"]}
            yield "scatter", "x.index_add(0, i, y)", {"x": x, "i": i, "y": tensor(dtype, rows, width)}, {}
        yield "gather", "torch.gather(x, -1, i)", {"x": tensor(dtype, 8192, 4096), "i": tensor("int64", 8192, 2048) + "@i 4096"}, {}
        yield "sort", "torch.topk(x, 2, -1)", {"x": tensor(dtype, 8192, 64)}, {}
        yield "sort", "torch.topk(x, 8, -1)", {"x": tensor(dtype, 8192, 128)}, {}
        yield "sort", "torch.sort(x, -1)", {"x": tensor(dtype, 4096, 1024)}, {}
    yield "sort", "torch.argsort(i)", {"i": tensor("int64", 16384) + "@i 64"}, {}
    for tokens, width, inner, experts in [(64, 2048, 1024, 8), (2048, 2048, 1024, 8), (8192, 2048, 1024, 8), (8192, 4096, 14336, 8), (16384, 2048, 768, 128), (512, 2048, 768, 128)]:
        offsets = ",".join(str(tokens * (e + 1) // experts) for e in range(experts))
        yield "grouped product", "torch._grouped_mm(x, w, offs=o)", {"x": tensor(BF, tokens, width), "w": tensor(BF, experts, width, inner), "o": f"int32[{experts}]@o {tokens}"}, {}
    for dtype in [BF, FP]:
        for batch, steps, width in [(1, 128, 512), (32, 128, 512), (64, 50, 1024)]:
            yield "recurrent", f"lstm(x)[0]", {"x": tensor(dtype, batch, steps, width)}, {"lstm": width}
