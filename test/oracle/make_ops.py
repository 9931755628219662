"""Prints test/oracle/ops.tsv: element-wise operations, views, joining, indexing, sorting, scans, reductions, factories."""
import torch

from cases import T, case, write

F = torch.nn.functional
FLOATS = ("f32", "f64", "bf16", "f16")
NUMBERS = FLOATS + ("i64", "i32", "u8", "bool")


def layouts(dtype, g=0):
    """One tensor in several memory orders."""
    yield T(dtype, 2, 3, 4, g=g)
    yield T(dtype, 2, 3, 4, 5, g=g, order=(0, 2, 3, 1))
    yield T(dtype, 3, 4, g=g, order=(1, 0))
    yield T(dtype, 3, 4, g=g, step=2)
    yield T(dtype, 1, 4, g=g, expand=(3, 4))
    yield T(dtype, g=g)


def unary(names, module=torch, dtypes=NUMBERS, **options):
    for name in names.split():
        function = getattr(module, name, None) or getattr(torch, name)
        for tensor in layouts("f32", g=1):
            case(name, function, tensor, **options)
        for dtype in dtypes:
            case(name, function, T(dtype, 2, 4, v=True), **options)


unary("log log2 log10 log1p sin cos asin acos atan sinh cosh asinh acosh atanh erf erfc erfinv lgamma digamma sinc i0 logit")
unary("exp exp2 expm1 sqrt rsqrt reciprocal tan tanh sigmoid deg2rad rad2deg")
unary("floor ceil trunc frac sign neg abs sgn square nan_to_num round angle relu")
unary("special_ndtri", torch._C._special, dtypes=()) if hasattr(torch._C._special, "special_ndtri") else None
unary("isnan isinf isposinf isneginf signbit logical_not bitwise_not")
# A composite in PyTorch, one kernel here: what its parts keep dies with them.
unary("isfinite", saved="")
unary("gelu silu mish elu celu selu leaky_relu softplus softshrink hardshrink hardswish hardsigmoid hardtanh relu6", F, FLOATS)
case("round", lambda x, d: torch.round(x, decimals=d), T("f32", 4, v=[1.25, 2.5, -3.5, 0.45]), 1)
for tensor in (T("f32", 4, 6, g=1), T("f32", 2, 4, 4, 4, g=1, order=(0, 2, 3, 1))):
    case("glu", F.glu, tensor, 1)
    case("log_sigmoid_forward", torch.ops.aten.log_sigmoid_forward, tensor)
    case("threshold", F.threshold, tensor, 0.1, 0.2)
    case("rrelu_with_noise", lambda x, n, a, b, t: torch._C._nn.rrelu_with_noise(x, n, a, b, t), tensor, T("f32", *tensor.tensor.shape), 0.1, 0.3, True)
case("glu", F.glu, T("f32", 4, 5), 1)
case("glu", F.glu, T("f32", 4, 6, g=1), 0)
for g, h in ((1, 0), (0, 1), (1, 1)):
    case("prelu", torch.prelu, T("f32", 2, 3, 4, g=g), T("f32", 3, g=h))
    case("prelu", torch.prelu, T("f32", 2, 3, 4, g=g), T("f32", 1, g=h))
case("prelu", torch.prelu, T("f32", 2, 3, 4), T("f32", 5))

PAIRS = "mul div maximum minimum fmax fmin atan2 hypot copysign xlogy logaddexp logaddexp2 pow floor_divide remainder fmod add sub rsub heaviside nextafter gcd lcm eq ne lt le gt ge logical_and logical_or logical_xor bitwise_and bitwise_or bitwise_xor bitwise_left_shift bitwise_right_shift isclose"
for name in PAIRS.split():
    function = getattr(torch, name)
    if name != "isclose":
        for g, h in ((1, 0), (0, 1), (1, 1)):
            case(name, function, T("f32", 2, 3, g=g), T("f32", 2, 3, g=h))
        case(name, function, T("f32", 2, 1, 4, g=1), T("f32", 3, 1, g=1))
    case(name, function, T("f32", 2, 3), T("f32", 2, 4))
    case(name, function, T("f32", 2, 3, 4, 5, order=(0, 2, 3, 1)), T("f32", 3, 1, 1))
    case(name, function, T("f32", 3, 1, 1), T("f32", 2, 3, 4, 5, order=(0, 2, 3, 1)))
    case(name, function, T("f32", 3, 4, order=(1, 0)), T("f32", 3, 4))
    case(name, function, T("f32", 3, 4), T("f32", 3, 4, order=(1, 0)))
    for a, b in (("f32", "f64"), ("bf16", "f16"), ("i64", "f32"), ("i32", "i64"), ("u8", "i8"), ("bool", "i64"), ("bool", "bool"), ("i64", "i64")):
        one = [1, 2, 3, 1] if a != "bool" else [1, 0, 1, 0]
        case(name, function, T(a, 2, 2, v=one), T(b, 2, v=[1, 1] if b == "bool" else [2, 3]), values=name != "pow")
        case(name, function, T(a, 2, 2), T(b, low=1))
    if name not in ("maximum", "minimum", "fmax", "fmin", "atan2", "hypot", "logaddexp", "logaddexp2", "heaviside", "nextafter", "gcd", "lcm", "logical_and", "logical_or", "logical_xor", "isclose"):
        for dtype in ("f32", "i64", "bf16", "bool", "u8"):
            for number in (2, 2.0, True):
                case(name, function, T(dtype, 2, 2, v=True), number, values=dtype != "bf16")
        case(name, function, T("f32", 2, 2, g=1), 2.0)
        case(name, function, T("f32", g=1), 3)
for name in ("add", "sub", "rsub"):
    case(name, lambda a, b, alpha, f=getattr(torch, name): f(a, b, alpha=alpha), T("i64", 3, v=True), T("i64", 3, v=True), 3)
for mode in ("floor", "trunc"):
    rounded = lambda a, b, mode: torch.div(a, b, rounding_mode=mode)
    for g, h in ((1, 0), (0, 1), (1, 1)):
        case("div", rounded, T("f32", 2, 3, g=g), T("f32", 2, 3, g=h), mode)
    case("div", rounded, T("i64", 2, 3, v=[-7, 7, 5, -5, 1, 0]), 2, mode)
    case("div", rounded, T("f32", 4, v=[-7, 7, 5, -5]), 2, mode)
case("pow", torch.pow, 2, T("f32", 3, g=1))
case("pow", torch.pow, 2.0, T("i64", 3, v=[1, 2, 3]))
case("pow", torch.pow, T("i64", 3, v=[1, 2, 3]), -1)
case("pow", torch.pow, T("i64", 3, v=[1, 2, 3]), 2)
case("pow", torch.pow, T("f32", 3, g=1), T("f32"))

bools = lambda *shape: T("bool", *shape)
for g, h in ((1, 0), (0, 1), (1, 1)):
    case("where", torch.where, bools(2, 3), T("f32", 2, 3, g=g), T("f32", 3, g=h))
    case("masked_fill", torch.masked_fill, T("f32", 2, 3, g=g), bools(2, 3), T("f32", g=h))
    for k in (0, 1):
        for name in ("lerp", "addcmul", "addcdiv"):
            case(name, getattr(torch, name), T("f32", 2, 3, g=g), T("f32", 2, 3, g=h), T("f32", 2, 3, g=k))
case("where", torch.where, T("bool", 2, 2, v=True), T("f32", 2, 2, v=True), T("f32", v=[7]))
case("where", torch.where, T("bool", 2, 2, v=True), T("i64", 2, 2, v=True), T("f32", 2, v=[7, 8]))
case("where", torch.where, bools(3, 4), T("f32", 3, 4, order=(1, 0)), T("f32", 3, 4))
case("masked_fill", torch.masked_fill, T("f32", 2, 3, g=1), bools(3), 0.5)
case("masked_fill", torch.masked_fill, T("f32", 2, 3, 4, 5, order=(0, 2, 3, 1)), bools(4, 5), 0.5)
case("masked_fill", torch.masked_fill, T("f32", 1, 3), bools(2, 3), float("-inf"))
case("masked_fill", torch.masked_fill, T("i64", 2, 2, v=True), T("bool", 2, v=[1, 0]), 9)
case("lerp", torch.lerp, T("f32", 3, v=[0, 1, 2]), T("f32", 3, v=[4, 5, 6]), 0.5)
case("lerp", torch.lerp, T("f32", 2, 3, g=1), T("f32", 2, 3, g=1), 0.5)
case("clamp", torch.clamp, T("f32", 2, 3, g=1), 0, 1)
case("clamp", torch.clamp, T("i64", 5, v=True), 0, 1)
case("clamp", torch.clamp, T("i64", 5, v=True), None, 1.5)
case("clamp", torch.clamp, T("f32", 2, 3, g=1), T("f32", 3), T("f32", 2, 1))
case("clamp", torch.clamp, T("f32", 3, 4, g=1, order=(1, 0)), -1.0, None)
for name in ("clamp_min", "clamp_max"):
    case(name, getattr(torch, name), T("f32", 2, 3, g=1), 0.5)
    case(name, getattr(torch, name), T("i64", 4, v=True), 1)
    case(name, getattr(torch, name), T("f32", 2, 3, g=1), T("f32", 3, g=1))

FORMATS = {"contiguous_format": torch.contiguous_format, "preserve_format": torch.preserve_format, "channels_last": torch.channels_last}
to = lambda x, dtype, layout=None, device=None, pin=None, non_blocking=False, fmt="preserve_format": torch.ops.aten._to_copy(x, dtype=dtype, memory_format=FORMATS[fmt])
for dtype in ("f32", "f16", "bf16", "i64", "bool", "f64"):
    for tensor in layouts("f32", g=1):
        case("_to_copy", to, tensor, dtype)
    case("_to_copy", to, T("f32", 5, v=[0.1, -2.7, 3.14159, 100.5, 0]), dtype)
    case("_to_copy", to, T("i64", 3, v=[0, 300, -1]), dtype)
for dtype in ("u8", "i8", "i32"):
    case("_to_copy", to, T("i64", 4, v=[0, 300, -1, 127]), dtype)
case("_to_copy", to, T("f32", 2, 3, 4, 5), "f32", None, None, None, False, "channels_last")
for fmt in FORMATS:
    for tensor in layouts("f32", g=1):
        case("clone", lambda x, f: x.clone(memory_format=FORMATS[f]), tensor, fmt)
    if fmt != "preserve_format":
        for tensor in layouts("f32", g=1):
            case("contiguous", lambda x, f: x.contiguous(memory_format=FORMATS[f]), tensor, fmt)
case("clone", torch.clone, T("i64", 2, 3, v=True))
for tensor in layouts("f32", g=1):
    case("copy", lambda x, y: x.detach().clone().copy_(y), T("f32", *tensor.tensor.shape), tensor)
    case("fill", torch.fill, tensor, 3)
    case("zero", lambda x: x.clone().zero_(), tensor)
case("copy", torch.ops.aten.copy, T("i64", 2, 3, v=True), T("f32", 3, v=[1.7, 2, -3.5]))
case("copy", lambda x, y: x.clone().copy_(y), T("f32", 2, 3), T("f32", 4))
case("fill", torch.fill, T("i64", 2, v=True), 3.7)
for name in "uniform exponential random bernoulli log_normal cauchy geometric".split():
    case(name, lambda x, n=name: getattr(x.clone(), n + "_")(*([0.5] if n == "geometric" else [])), T("f32", 2, 3), values=False)
case("normal_fill", lambda x: x.clone().normal_(), T("f32", 2, 3), values=False)
case("poisson", torch.poisson, T("f32", 2, 3, g=1))
case("bernoulli", torch.bernoulli, T("f32", 2, 3, g=1))
case("normal", torch.normal, T("f32", 2, 3, g=1), T("f32", 3))
case("normal", torch.normal, T("f32", 2, 3), 1.0)
case("multinomial", torch.multinomial, T("f32", 2, 5, g=1), 2)
case("multinomial", torch.multinomial, T("f32", 5), 2)

case("view_as_complex", torch.view_as_complex, T("f32", 3, 2, g=1))
case("view_as_complex", torch.view_as_complex, T("f32", 3, 4))
case("view_as_complex", torch.view_as_complex, T("f32", 3, 4, 2, order=(1, 0, 2)))
for name in ("view_as_real", "real", "imag", "conj", "abs", "angle", "conj_physical"):
    case(name, getattr(torch, name), T("c64", 2, 3, g=1))
    if name != "angle":
        case(name, getattr(torch, name), T("c64", 2, 3, order=(1, 0)))
    case(name, getattr(torch, name), T("f32", 2, 3))
for name in ("complex", "polar"):
    for g, h in ((1, 0), (0, 1), (1, 1)):
        case(name, getattr(torch, name), T("f32", 2, 3, g=g), T("f32", 2, 3, g=h))
for name in ("mul", "add", "div", "exp", "neg", "reciprocal"):
    two = [T("c64", 2, 3, g=1), T("c64", 3)] if name in ("mul", "add", "div") else [T("c64", 2, 3, g=1)]
    case(name, getattr(torch, name), *two)
case("mul", torch.mul, T("c64", 2, 3), T("f64", 2, 3))
case("mul", torch.mul, T("c64", 2, 3), 2.0)

VIEWED = lambda: [T("f32", 2, 3, 4, g=1), T("f32", 2, 3, 4, order=(0, 2, 1)), T("f32", 6, 4, order=(1, 0)), T("i64", 2, 6, v=True), T("f32", 2, 12, step=2)]
for shape in ((24,), (6, 4), (-1, 4), (2, 12), (4, -1), (2, 3, 2, 2), (1, -1, 1), (5, -1), (-1, -1), (3, 7), (2, -2)):
    for tensor in VIEWED():
        case("view", lambda x, s: x.view(s), tensor, shape)
        case("reshape", torch.reshape, tensor, shape)
case("view", lambda x, s: x.view(s), T("f32", 0, 3), (0, -1))
case("view", lambda x, s: x.view(s), T("f32", 0, 3), (-1, 3))
case("view", lambda x, s: x.view(s), T("f32"), (1, 1))
for tensor in VIEWED():
    for start, end in ((0, -1), (1, -1), (0, 1), (-1, 0)):
        case("flatten", torch.flatten, tensor, start, end)
    for dim in (0, 1, -1, -4, 3):
        case("unsqueeze", torch.unsqueeze, tensor, dim)
    case("unflatten", lambda x, d, s: x.unflatten(d, s), tensor, -1, [2, -1])
    case("unflatten", lambda x, d, s: x.unflatten(d, s), tensor, 0, [5, -1])
for tensor in (T("f32", 1, 3, 1, 2, g=1), T("i64", 1, 2, v=True), T("f32", 3, 1, 4, order=(2, 1, 0))):
    case("squeeze", torch.squeeze, tensor)
    for dim in (0, 1, -1):
        case("squeeze", torch.squeeze, tensor, dim)
case("flatten", torch.flatten, T("f32"))
case("view.dtype", lambda x, d: x.view(d), T("f32", 2, 4), "f64")
case("view.dtype", lambda x, d: x.view(d), T("f32", 2, 4), "u8")
case("view.dtype", lambda x, d: x.view(d), T("f32", 2, 4), "i32")
case("view.dtype", lambda x, d: x.view(d), T("f32", 2, 3), "f64")
for tensor in (T("f32", 2, 3, 4, g=1), T("i64", 2, 2, 3, v=True), T("f32", 2, 3, 4, order=(2, 0, 1))):
    for dims in ((2, 0, 1), (0, 2, 1), (-1, 1, 0), (0, 1), (0, 0, 1)):
        case("permute", torch.permute, tensor, dims)
    for a, b in ((0, 1), (-1, -2), (0, 5), (1, 1)):
        case("transpose", torch.transpose, tensor, a, b)
    case("movedim", torch.movedim, tensor, 0, -1)
    case("movedim", torch.movedim, tensor, [0, 1], [2, 0])
    for offset, a, b in ((0, 0, 1), (1, 1, 2), (-1, 0, 2), (5, 0, 1)):
        case("diagonal", torch.diagonal, tensor, offset, a, b)
    for size, step in ((2, 1), (2, 2), (9, 1)):
        case("unfold", lambda x, d, n, s: x.unfold(d, n, s), tensor, -1, size, step)
    case("t", torch.t, tensor)
    for dim in (0, 1, -1):
        case("unbind", torch.unbind, tensor, dim)
        for index in (0, -1, 1, 7):
            case("select", torch.select, tensor, dim, index)
        for start, end, step in ((0, 2, 1), (1, None, 1), (None, -1, 1), (-2, None, 1), (0, 99, 2), (5, 2, 1), (1, 1, 1), (None, None, 1)):
            case("slice", torch.ops.aten.slice, tensor, dim, start, end, step)
        for start, length in ((0, 1), (-1, 1), (1, 1), (1, 9)):
            case("narrow", torch.narrow, tensor, dim, start, length)
        for size in (1, 2, 3, 100):
            case("split", torch.split, tensor, size, dim)
            case("chunk", torch.chunk, tensor, size, dim)
        case("split", torch.split, tensor, [1, 1], dim)
        case("split_with_sizes", torch.split_with_sizes, tensor, [1, 2], dim)
        case("split_with_sizes", torch.split_with_sizes, tensor, [1, 1], dim)
        case("tensor_split", torch.tensor_split, tensor, 2, dim)
        case("tensor_split", torch.tensor_split, tensor, [1, 2], dim)
for tensor in (T("f32", 3, 4, g=1), T("i64", 2, 2, v=True), T("f32", 5)):
    case("t", torch.t, tensor)
for tensor, sizes in ((T("f32", 3, 1, g=1), [(3, 4), (2, 3, 4), (-1, 4), (3, -1), (2, 4), (4,), (-1, 3, 1)]), (T("i64", 1, 2, v=True), [(3, 2), (2, -1, -1)]), (T("f32"), [(2, 2)])):
    for size in sizes:
        case("expand", lambda x, s: x.expand(s), tensor, size)
case("as_strided", torch.as_strided, T("i64", 3, 4, v=True), (2, 2), (4, 1), 1)
case("as_strided", torch.as_strided, T("f32", 3, 4, g=1), (2, 5), (1, 2))
for name, function in (("alias", torch.ops.aten.alias), ("detach", torch.detach), ("lift_fresh", torch.ops.aten.lift_fresh), ("positive", torch.positive)):
    case(name, function, T("f32", 3, 4, g=1, order=(1, 0)))

if __name__ == "__main__":
    import make_ops_more
    make_ops_more.fill()
    write("make_ops.py")
