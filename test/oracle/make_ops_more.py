"""The second half of make_ops.py: joining, indexing, sorting, scans, reductions, factories."""
import random

import torch

from cases import T, case

CL = (0, 2, 3, 1)


def mixed():
    yield T("f32", 2, 3, 4, g=1)
    yield T("i64", 2, 2, 3, v=True)
    yield T("f32", 2, 3, 4, order=(2, 0, 1))
    yield T("f32", 2, 3, 4, 5, g=1, order=CL)


def fill():
    for part in (reductions, scans, sorting, joining, turning, triangles, indexing, writing, factories, drawn):
        part()


def reductions():
    by = lambda name: lambda x, dim=None, keepdim=False, dtype=None: (
        getattr(torch, name)(x, **({} if dim is None and not keepdim else {"dim": dim, "keepdim": keepdim}), **({"dtype": dtype} if dtype else {})))
    for x in [*mixed(), T("bool", 2, 3, v=True), T("u8", 2, 3, v=True), T("f32", g=1), T("f32", 2, 0), T("f32", 2, 4, v=True)]:
        for name in ("sum", "nansum", "mean"):
            for dims in (None, 0, -1, [0, 1], [0, 0], 9):
                for keepdim in (False, True):
                    case(name, by(name), x, dims, keepdim)
            case(name, by(name), x, None, False, "f64")
        for name in ("prod", "all", "any", "argmax", "argmin"):
            for dim in (None, 0, -1):
                for keepdim in (False, True) if dim is not None or name == "argmax" else (False,):
                    case(name, by(name), x, dim, keepdim)
        case("count_nonzero", torch.count_nonzero, x)
        case("count_nonzero", torch.count_nonzero, x, 0)
        for name in ("max", "min", "median", "nanmedian"):
            case(name, getattr(torch, name), x)
            case(name + ".dim", getattr(torch, name), x, 0, values=name in ("max", "min") and x.tensor.dtype != torch.bool)
            case(name + ".dim", getattr(torch, name), x, -1, True, values=False)
        case("mode", torch.mode, x, -1, False, values=False)
        for name in ("amax", "amin"):
            for dims in ([], 0, [0, 1], -1):
                for keepdim in (False, True):
                    case(name, getattr(torch, name), x, dims, keepdim)
        case("aminmax", lambda t, d=None, k=False: torch.aminmax(t, dim=d, keepdim=k), x, 0, True)
        case("aminmax", lambda t, d=None, k=False: torch.aminmax(t, dim=d, keepdim=k), x)
        for name in ("var", "std", "var_mean", "std_mean"):
            for dims in (None, 0, [0, 1], -1):
                for keepdim in (False, True):
                    case(name, lambda t, d, c, k, n=name: getattr(torch, n)(t, d, correction=c, keepdim=k), x, dims, 1, keepdim)
        for dims in (0, [0, 1], -1):
            if x.tensor.is_floating_point():
                case("logsumexp", torch.logsumexp, x, dims, True)
                case("logsumexp", torch.logsumexp, x, dims)
        for order in (2, 1, float("inf"), 0, 3):
            case("linalg_vector_norm", torch.linalg.vector_norm, x, order)
            case("linalg_vector_norm", torch.linalg.vector_norm, x, order, -1, True)
    case("norm", torch.norm, T("f32", 2, 3, g=1), 2)
    case("norm", torch.norm, T("f32", 2, 3, g=1), 2, -1, True)
    case("abs", torch.abs, T("c64", 2))
    for g, h in ((1, 0), (0, 1), (1, 1)):
        case("dist", torch.dist, T("f32", 2, 3, g=g), T("f32", 3, g=h))
        case("cdist", torch.cdist, T("f32", 2, 5, 3, g=g), T("f32", 4, 3, g=h))
    case("cdist", torch.cdist, T("f32", 5, 3), T("f32", 4, 2))


def scans():
    for x in [*mixed(), T("bool", 2, 3, v=True), T("f32", g=1)]:
        for dim in (0, -1):
            for name in ("cumsum", "cumprod"):
                case(name, getattr(torch, name), x, dim)
                case(name, lambda t, d, y, n=name: getattr(torch, n)(t, d, dtype=y), x, dim, "f64")
            case("logcumsumexp", torch.logcumsumexp, x, dim)
            case("cummax", torch.cummax, x, dim)
            case("cummin", torch.cummin, x, dim)
            if x.tensor.dim() and x.tensor.dtype != torch.bool:
                case("diff", lambda t, n, d: torch.diff(t, n=n, dim=d), x, 1, dim)
                case("diff", lambda t, n, d: torch.diff(t, n=n, dim=d), x, 2, dim)


def sorting():
    distinct = lambda: T("i64", 2, 4, v=[3, 1, 4, 2, 9, 7, 8, 6])
    for x in [*mixed(), distinct(), T("f32", g=1)]:
        known = x.tensor.numel() == 8
        for dim in (0, -1):
            for descending in (False, True):
                case("sort", lambda t, d, r: torch.sort(t, dim=d, descending=r, stable=True), x, dim, descending)
                # What the sort inside keeps dies with its values.
                case("argsort", torch.argsort, x, dim, descending, values=known, saved="")
            for k in (1, 2, 9):
                case("topk", torch.topk, x, k, dim, True, values=known)
                case("topk", torch.topk, x, k, dim, False, values=known)
                case("kthvalue", torch.kthvalue, x, k, dim, False, values=known)
            case("kthvalue", torch.kthvalue, x, 1, dim, True, values=known)
    case("msort", torch.msort, T("f32", 4, 2, g=1))
    case("msort", torch.msort, T("i64", 4, v=[4, 2, 3, 1]))
    edges = lambda: T("f32", 3, v=[1, 3, 5])
    for right in (False, True):
        search = lambda a, b, narrow, r: torch.searchsorted(a, b, out_int32=narrow, right=r)
        bucket = lambda a, b, narrow, r: torch.bucketize(a, b, out_int32=narrow, right=r)
        case("searchsorted", search, edges(), T("f32", 4, v=[0, 3, 4, 9]), False, right)
        case("searchsorted", search, T("f32", 2, 5), T("f32", 2, 3), True, right)
        case("searchsorted", search, T("f32", 2, 5), T("f32", 3, 3), False, right)
        case("bucketize", bucket, T("f32", 2, 2, v=[0, 3, 5, 9]), edges(), False, right)
        case("bucketize", bucket, T("f32", 2, 2), T("f32", 2, 2), False, right)
    for inverse, counts in ((False, False), (True, False), (True, True)):
        case("_unique2", torch._unique2, T("i64", 2, 3, v=[3, 1, 3, 0, 1, 1]), True, inverse, counts)
        case("unique_consecutive", torch.ops.aten.unique_consecutive, T("i64", 6, v=[3, 3, 1, 0, 0, 3]), inverse, counts)
    case("unique_dim", lambda t, d, s, i, c: torch.ops.aten.unique_dim(t, d, s, i, c), T("i64", 1, 3), 0, True, True, True)
    case("bincount", torch.bincount, T("i64", 5, v=[0, 2, 2, 1, 4]))
    case("bincount", torch.bincount, T("i64", 3, v=[0, 2, 2]), None, 6)
    case("bincount", torch.bincount, T("i64", 3, v=[0, 2, 2]), T("f32", 3))
    case("bincount", torch.bincount, T("i64", 3, 3))
    case("histc", torch.histc, T("f32", 3, 3))
    case("histc", torch.histc, T("f32", 3, 3), 5, 0, 1)


def joining():
    pairs = (
        (T("f32", 2, 3, g=1), T("f32", 2, 3)), (T("i64", 2, 3, v=True), T("f32", 2, 3, v=True)), (T("f32", 2, 3), T("f32", 4, 3)),
        (T("f32", 2, 3, 4, 5, order=CL), T("f32", 2, 3, 4, 5, order=CL)), (T("f32", 2, 3, 4, 5, order=CL), T("f32", 2, 3, 4, 5)),
        (T("f32", 3, 4, order=(1, 0)), T("f32", 3, 4)), (T("f32", 0), T("f32", 2, 3)), (T("f32", 2), T("f32", 2, 3)), (T("f32"), T("f32")),
        (T("bool", 3, v=True), T("bool", 3, v=True)), (T("i64", 2, 1, 2, v=True), T("i64", 2, 1, 2, v=True)),
    )
    for pair in pairs:
        for dim in (0, 1, -1):
            case("cat", torch.cat, list(pair), dim)
            if not (pair[0].tensor.dim() == 4 and pair[1].tensor.stride() == pair[0].tensor.stride()):
                case("stack", torch.stack, list(pair), dim)
    case("cat", torch.cat, [T("f32", 2, 3)] * 3, 1)
    case("block_diag", lambda parts: torch.block_diag(*parts), [T("f32", 2, 3, g=1), T("f32", 4), T("f32")])
    for indexing in ("ij", "xy"):
        case("meshgrid", lambda parts, i: torch.meshgrid(*parts, indexing=i), [T("i64", 2, v=True), T("i64", 3, v=True)], indexing)
        case("meshgrid", lambda parts, i: torch.meshgrid(*parts, indexing=i), [T("f32", 2, g=1), T("f32", 3), T("f32", 4)], indexing)
    case("cartesian_prod", lambda parts: torch.cartesian_prod(*parts), [T("f32", 2, g=1), T("f32", 3)])


def turning():
    for x in mixed():
        case("repeat", lambda t, r: t.repeat(r), x, [2] * x.tensor.dim())
        case("repeat", lambda t, r: t.repeat(r), x, [3] + [1] * x.tensor.dim())
        case("repeat", lambda t, r: t.repeat(r), x, [2])
        case("tile", torch.tile, x, [2])
        case("tile", torch.tile, x, [1, 2, 1, 1, 2])
        case("repeat_interleave", torch.repeat_interleave, x, 3)
        for dim in (0, 1, -1):
            case("repeat_interleave", torch.repeat_interleave, x, 2, dim)
        case("repeat_interleave", torch.repeat_interleave, x, T("i64", 2, v=[1, 3]), 0)
        for dims in ([0], [0, 2], [-1], []):
            case("flip", torch.flip, x, dims)
        case("roll", torch.roll, x, 1)
        case("roll", torch.roll, x, 1, 0)
        case("roll", torch.roll, x, [1, -2], [0, 2])
        case("roll", torch.roll, x, [1, -2], [0])
        for k in (1, 2, 3, 0):
            case("rot90", torch.rot90, x, k, [0, 1])


def triangles():
    for x in [*mixed(), T("bool", 3, 3, v=True), T("f32", 3, 4, order=(1, 0)), T("f32", 3)]:
        for k in (0, 1, -1):
            case("tril", torch.tril, x, k)
            case("triu", torch.triu, x, k)
            case("diag_embed", torch.diag_embed, x, k)
        case("diag_embed", torch.diag_embed, x, 0, 0, 2)
    for x in (T("f32", 3, g=1), T("i64", 3, v=True), T("f32", 3, 4, g=1), T("i64", 3, 4, v=True), T("f32", 2, 2, 2)):
        for k in (0, 1, -2):
            case("diag", torch.diag, x, k)
        case("trace", torch.trace, x, values=False)


def indexing():
    pick = lambda x, indices: torch.ops.aten.index(x, indices)
    put = lambda x, indices, v, a=False: torch.ops.aten.index_put(x, indices, v, a)
    whole = lambda *v, shape=None: T("i64", *(shape or (len(v),)), v=list(v))
    for x in mixed():
        case("index", pick, x, [whole(0, 1, 0)])
        case("index", pick, x, [whole(0, -1, 1, 0, shape=(2, 2))])
        case("index", pick, x, [None, whole(1, 0)])
        case("index", pick, x, [None, None, whole(1, 0, 2)])
        case("index", pick, x, [whole(1, 0), None, whole(1, 0)])
        case("index", pick, x, [whole(1, 0), whole(1, 0)])
        case("index", pick, x, [whole(0, 1, shape=(2, 1)), whole(1, 0, 0)])
        case("index", pick, x, [T("bool", 2, v=[1, 0])])
        case("index", pick, x, [None, T("bool", x.tensor.shape[1], v=[1, 0, 1][:x.tensor.shape[1]])])
        case("index", pick, x, [T("bool", 2, 2, v=[1, 0, 1, 0])])
        case("index", pick, x, [T("f32", 2)])
        case("index", pick, x, [whole(0)] * 5)
        case("index_put", put, x, [whole(0, 1)], T(str(x.tensor.dtype)[6] + str(x.tensor.dtype)[-2:] if x.tensor.dtype != torch.int64 else "i64", *x.tensor.shape[1:]))
        case("index_put", put, x, [whole(0, 1)], T("f32", 7))
        case("index_put", put, x, [whole(0, 1)], T("f64", 1))
        for dim in (0, 1, -1):
            case("index_select", torch.index_select, x, dim, whole(0, 1, 0))
        case("index_select", torch.index_select, x, 0, whole(0, 1, shape=(1, 2)))
        case("index_fill", torch.index_fill, x, 0, whole(0, 1), 3)
        case("take", torch.take, x, whole(0, 5, 2, 1, shape=(2, 2)))
        if x.tensor.requires_grad:
            continue
        case("masked_select", torch.masked_select, x, T("bool", x.tensor.shape[-1], v=[1, 0, 1, 1, 0][:x.tensor.shape[-1]]))
    case("index", pick, T("f32", 4, 4, g=1), [T("bool", 4, 4, v=[1, 0] * 8)])
    case("index", pick, T("f32", 5, 3, g=1), [T("i64", 2, 7, low=0, high=5)])
    case("index_put", put, T("f32", 5, 3), [T("i64", 2, low=0, high=5)], T("f32", 2, 3, g=1), True)
    for x in (T("f32", 3, 4, g=1), T("i64", 3, 4, v=True), T("f32", 3, 4, order=(1, 0))):
        for dim in (0, 1):
            case("gather", torch.gather, x, dim, whole(0, 1, 2, 0, 1, 0, shape=(2, 3)))
        case("gather", torch.gather, x, 0, whole(0, 1))
        case("gather", torch.gather, x, 0, T("i64", 3, 5, high=1))
        # Composite in PyTorch: gather over indices repeated without copying.
        case("take_along_dim", torch.take_along_dim, x, whole(0, 1, 2, 0, shape=(1, 4)), 0)
        case("take_along_dim", torch.take_along_dim, x, whole(0, 1, 2, shape=(3, 1)), 1)
        case("take_along_dim", torch.take_along_dim, x, whole(0, 1, 2, shape=(3,)), 1)
    case("masked_select", torch.masked_select, T("f32", 2, 3, g=1), T("bool", 2, 3, v=[1, 0, 1, 0, 0, 1]))
    case("masked_select", torch.masked_select, T("f32", 2, 3), T("i64", 2, 3))
    for x in (T("i64", 2, 3, v=[0, 1, 2, 0, 0, 3]), T("bool", 4, v=[1, 0, 1, 1]), T("i64", 2, 2, v=[0, 0, 0, 7])):
        case("nonzero", torch.nonzero, x)
    hot = torch.nn.functional.one_hot
    for count in (-1, 5):
        case("one_hot", hot, whole(0, 3, 1, 2, shape=(2, 2)), count)
    case("one_hot", hot, T("f32", 2), 3)


def writing():
    index = lambda *shape: T("i64", *shape, low=0, high=2)
    for order in (None, (1, 0)):
        for g, h in ((1, 0), (0, 1), (1, 1)):
            x = lambda: T("f32", 3, 4, g=g, order=order)
            for name in ("scatter", "scatter_add"):
                case(name, getattr(torch, name), x(), 0, index(2, 4), T("f32", 2, 4, g=h))
            for reduce in ("sum", "mean", "amax"):
                case("scatter_reduce", torch.scatter_reduce, x(), 1, index(3, 2), T("f32", 3, 2, g=h), reduce)
            for name in ("index_add", "index_copy"):
                case(name, getattr(torch, name), x(), 0, T("i64", 2, v=[0, 2]), T("f32", 2, 4, g=h))
            case("masked_scatter", torch.masked_scatter, x(), T("bool", 3, 4), T("f32", 12, g=h))
    case("scatter", torch.scatter, T("f32", 3, 4, g=1), 0, index(2, 4), 1.5)
    case("scatter", torch.scatter, T("f32", 3, 4), 0, index(2, 5), 1.5)
    case("scatter", torch.scatter, T("f32", 3, 4), 0, index(2), 1.5)
    case("scatter", torch.scatter, T("f32", 3, 4), 0, index(2, 4), T("i64", 2, 4))
    case("scatter_add", torch.scatter_add, T("f32", 3, 4), 0, index(2, 4), T("f32", 1, 4))
    case("index_add", torch.index_add, T("f32", 3, 4), 0, T("i64", 2, v=[0, 2]), T("f32", 3, 4))


def factories():
    make = lambda name: lambda shape, dtype=None: getattr(torch, name)(shape, dtype=dtype)
    for name in ("empty", "zeros", "ones", "rand", "randn"):
        for shape in ((2, 3), (), (0, 2), (2, -1)):
            case(name, make(name), list(shape), values=name in ("zeros", "ones"))
            case(name, make(name), list(shape), "bf16", values=False)
        like = lambda x, dtype=None, n=name: getattr(torch, n + "_like")(x, dtype=dtype)
        for x in [*mixed(), T("f32", 1, 4, expand=(3, 4)), T("f32", 3, 4, step=2)]:
            case(name + "_like", like, x, values=name in ("zeros", "ones"))
        case(name + "_like", like, T("f32", 2, 2, v=True), "f64", values=name in ("zeros", "ones"))
    full = lambda shape, value, dtype=None: torch.full(shape, value, dtype=dtype)
    for value in (3, 2.5, True, -1, float("-inf")):
        case("full", full, [2, 2], value)
        case("full", full, [2], value, "f32")
        case("full_like", lambda x, v, dtype=None: torch.full_like(x, v, dtype=dtype), T("i64", 2, v=True), value if abs(value) < 9 else 4)
        case("scalar_tensor", lambda v, dtype=None: torch.scalar_tensor(v, dtype=dtype), value)
        case("scalar_tensor", lambda v, dtype=None: torch.scalar_tensor(v, dtype=dtype), value if abs(value) < 9 else 4, "i64")
    case("randint", lambda low, high, shape, dtype=None: torch.randint(low, high, shape, dtype=dtype), 0, 5, [2, 3], values=False)
    case("randint_like", torch.randint_like, T("f32", 3, 4, order=(1, 0)), 0, 5)
    case("randperm", torch.randperm, 6, values=False)
    arange = lambda start, end, step=1, dtype=None: torch.arange(start, end, step, dtype=dtype)
    for start, end, step in ((0, 5, 1), (2, 11, 3), (0.0, 1.0, 0.25), (5, 0, -2), (0, 5.0, 2), (3, 3, 1), (0, 5, 0), (5, 0, 1), (0, 10, 2.5), (0, 1, 0.3)):
        case("arange", arange, start, end, step)
    case("arange", arange, 0, 6, 2, "f32")
    space = lambda a, b, n, dtype=None: torch.linspace(a, b, n, dtype=dtype)
    for a, b, n in ((0, 1, 5), (-1.0, 1.0, 4), (0, 10, 1), (3, 3, 0), (0.1, 0.9, 7), (0, 1, -1)):
        case("linspace", space, a, b, n)
    case("linspace", space, 0, 10, 3, "i64")
    case("logspace", lambda a, b, n, base=10.0, dtype=None: torch.logspace(a, b, n, base, dtype=dtype), 0, 2, 3)
    case("logspace", lambda a, b, n, base=10.0, dtype=None: torch.logspace(a, b, n, base, dtype=dtype), 0, 4, 5, 2.0)
    eye = lambda n, m=None, dtype=None: torch.eye(n, n if m is None else m, dtype=dtype)
    for n, m in ((3, None), (2, 4), (4, 2), (0, None)):
        case("eye", eye, n, m)
    case("eye", eye, 2, None, "bool")
    for name in ("tril_indices", "triu_indices"):
        for row, col, offset in ((3, 3, 0), (2, 4, 1), (4, 2, -1), (3, 3, 5)):
            case(name, getattr(torch, name), row, col, offset)
    for name in ("hann_window", "hamming_window", "blackman_window"):
        for length, periodic in ((5, True), (6, False), (1, True)):
            case(name, getattr(torch, name), length, periodic)
    tensor = lambda items, shape, dtype=None: torch.tensor(items, dtype=dtype).reshape(shape)
    for items, shape in (([1, 2, 3, 4], [2, 2]), ([1, 2.5], [2]), ([True, False], [2]), ([True, 2], [2]), ([], [0]), ([3], [])):
        case("tensor", tensor, items, shape)
    case("tensor", tensor, [1, 2], [2], "bf16")


def drawn():
    """Random shapes and memory orders, from a fixed seed: broadcasting, reshaping, copying, indexing."""
    dice = random.Random(20)

    def shape(rank):
        return [dice.choice([1, 1, 2, 3, 4]) for _ in range(rank)]

    def some(sizes, **options):
        order = list(range(len(sizes)))
        dice.shuffle(order)
        if sizes and dice.random() < 0.2:
            return T("f32", *sizes, step=2, **options)
        if 1 in sizes and dice.random() < 0.3:
            return T("f32", *sizes, expand=[3 if one == 1 else one for one in sizes], **options)
        return T("f32", *sizes, order=order if len(order) > 1 else None, **options)

    for _ in range(150):
        sizes = shape(dice.randint(0, 4))
        other = [dice.choice([1, one]) for one in sizes][dice.randint(0, len(sizes)):]
        a, b = some(sizes, g=dice.randint(0, 1)), some(other, g=dice.randint(0, 1))
        case("mul", torch.mul, *((a, b) if dice.random() < 0.5 else (b, a)))
        case("where", torch.where, T("bool", *other), a, b)
        case("clone", torch.clone, a)
        case("sum", lambda x, d, k: torch.sum(x, dim=d, keepdim=k), a, [dice.randrange(-len(sizes), len(sizes))] if sizes else [], dice.random() < 0.5)
    for _ in range(150):
        x = some(shape(dice.randint(1, 5)))
        count, sizes = x.tensor.numel(), []
        while count > 1 and dice.random() < 0.8:
            part = dice.choice([n for n in range(1, count + 1) if count % n == 0])
            sizes.append(part)
            count //= part
        sizes.insert(dice.randint(0, len(sizes)), -1 if dice.random() < 0.5 else count)
        case("reshape", torch.reshape, x, sizes)
        case("view", lambda t, s: t.view(s), x, sizes)
        rank = x.tensor.dim()
        case("flatten", torch.flatten, x, dice.randrange(rank), -1)
        picks = [T("i64", *shape(dice.randint(1, 2)), high=1) if dice.random() < 0.5 else None for _ in range(rank)]
        if any(picks):
            lead = [one for one in picks if one]
            case("index", lambda t, i: torch.ops.aten.index(t, i), x, [one and lead[0] for one in picks])
