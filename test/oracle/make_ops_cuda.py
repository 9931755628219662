"""Writes ops_cuda.tsv: what PyTorch on a CUDA device says of products, convolutions, norms, attention and losses.

    python3 make_ops_cuda.py > ops_cuda.tsv        (torch 2.11, torchvision, one CUDA device)

With `--detail` a last column names each tensor kept and the kernels counted.

Columns: the record's name, its arguments as JSON (aten's order), the results' dtypes, shapes and strides (null where
contiguous) or "refused", the bytes of the distinct storages that autograd keeps, and half of what the flop counter counts, or
`?` where it has no formula.
"""

import json
import sys
from contextlib import nullcontext

import torch
import torch.nn.functional as F
import torchvision  # noqa: F401 (registers its operations)
from torch.utils.flop_counter import FlopCounterMode
from ops_cuda_cases import cases

dtypes = {
    "f32": torch.float32,
    "f64": torch.float64,
    "f16": torch.float16,
    "bf16": torch.bfloat16,
    "i64": torch.int64,
    "i32": torch.int32,
    "bool": torch.bool,
    "c64": torch.complex64,
    "u8": torch.uint8,
    "f8": torch.float8_e4m3fn,
}


def value(arg):
    if isinstance(arg, list):
        return [value(one) for one in arg]
    if not isinstance(arg, dict):
        return arg
    if "float" in arg:
        return arg["float"]
    shape, dtype = arg["shape"], dtypes[arg["dtype"]]
    if "strides" in arg:
        extent = 1 + sum((n - 1) * stride for n, stride in zip(shape, arg["strides"])) if 0 not in shape else 0
        return (
            torch.ones(extent, device="cuda")
            .to(dtype)
            .as_strided(shape, arg["strides"])
            .requires_grad_(arg.get("grad", False))
        )
    if "data" in arg:
        made = torch.tensor(arg["data"], dtype=dtype, device="cuda").reshape(shape)
    elif dtype.is_floating_point or dtype.is_complex:
        made = torch.rand(shape, device="cuda").to(dtype)
    else:
        made = torch.full(shape, arg.get("fill", 0), dtype=dtype, device="cuda")
    return made.requires_grad_(arg.get("grad", False))


# Kernels that the counter has no formula for, although they multiply matrices; their figures are closed forms of ours.
uncounted = {"aten._flex_attention", "aten.lstm", "aten.gru", "aten.rnn_tanh", "aten.rnn_relu", "aten._grouped_mm"}


def network(module, function, *args):
    """The call with a module's weights, which lie in one block, in place of those given."""
    at = 3 if isinstance(args[3], list) else 2
    weights, (bias, layers, _, _, bidirectional) = args[at], args[at + 1 : at + 6]
    gates = {"LSTM": 4, "GRU": 3, "RNN": 1}[module.__name__]
    hidden = weights[0].shape[0] // gates
    sizes = {"proj_size": weights[1].shape[1]} if weights[1].shape[1] != hidden else {}
    made = module(weights[0].shape[1], hidden, layers, bias=bias, bidirectional=bidirectional, **sizes)
    made = made.to(weights[0].device, weights[0].dtype)
    if at == 3:
        args = (args[0], args[1].cpu(), *args[2:])
    return function(*args[:at], made._flat_weights, *args[at + 1 :])


def flex(query, key, value, scale, grouped):
    """The compiled kernel, which is the one that models run; it gives the log-sum-exp in base 2."""
    from torch.nn.attention.flex_attention import AuxRequest, flex_attention

    out, aux = torch.compile(flex_attention)(
        query, key, value, scale=scale, enable_gqa=grouped, return_aux=AuxRequest(lse=True)
    )
    return out, aux.lse


runners = {
    "aten._flex_attention": flex,
    "aten.matmul": torch.matmul,
    "aten.linear": F.linear,
    "aten.einsum": lambda equation, operands: torch.einsum(equation, *operands),
    "aten.linalg_multi_dot": torch.linalg.multi_dot,
    "aten.tensordot": torch.tensordot,
    "aten.kron": torch.kron,
    "aten.bilinear": F.bilinear,
    "aten.cdist": lambda a, b, p=2.0, mode=None: torch.cdist(a, b, p, *([] if mode is None else [mode])),
    "aten._grouped_mm": lambda a, b, offs=None: torch._grouped_mm(a, b, offs=offs),
    "aten.outer": torch.outer,
    "aten.scaled_dot_product_attention": lambda q, k, v, mask, p, causal, scale, gqa: F.scaled_dot_product_attention(
        q, k, v, mask, p, causal, scale=scale, enable_gqa=gqa
    ),
    "aten.batch_norm": lambda *a: torch.batch_norm(*a),
    "aten.instance_norm": lambda *a: torch.instance_norm(*a),
    "aten.group_norm": torch.group_norm,
    "aten.rms_norm": torch.rms_norm,
    "aten.softmax": lambda x, dim, dtype: torch.softmax(x, dim, dtype and torch.float32),
    "aten.log_softmax": lambda x, dim, dtype: torch.log_softmax(x, dim, dtype and torch.float32),
    "aten.dropout": torch.dropout,
    "aten.feature_dropout": torch.feature_dropout,
    "aten.alpha_dropout": torch.alpha_dropout,
    "aten.feature_alpha_dropout": torch.feature_alpha_dropout,
    "aten._embedding_bag": lambda w, i, o, *rest: torch._C._VariableFunctions._embedding_bag(w, i, o, *rest),
    "aten.adaptive_avg_pool1d": F.adaptive_avg_pool1d,
    "aten.adaptive_avg_pool2d": F.adaptive_avg_pool2d,
    "aten.adaptive_avg_pool3d": F.adaptive_avg_pool3d,
    "aten.max_pool1d_with_indices": lambda *a: F.max_pool1d(*a[:6], return_indices=True),
    "aten.adaptive_max_pool1d": lambda x, size: F.adaptive_max_pool1d(x, size, return_indices=True),
    "aten.cosine_similarity": torch.cosine_similarity,
    "aten.kl_div": lambda a, b, r, log: torch.kl_div(a, b, r, log_target=log),
    "aten.poisson_nll_loss": torch.poisson_nll_loss,
    "aten.l1_loss": lambda a, b, r: F.l1_loss(a, b, reduction=["none", "mean", "sum"][r]),
    "aten.pixel_shuffle": torch.pixel_shuffle,
    "aten.pixel_unshuffle": torch.pixel_unshuffle,
    "aten.channel_shuffle": torch.channel_shuffle,
    "aten.ctc_loss": lambda lp, t, i, n, blank, red, zero: torch.ctc_loss(lp, t, i, n, blank, red, zero),
    "aten.lstm": lambda *args: network(torch.nn.LSTM, torch.lstm, *args),
    "aten.gru": lambda *args: network(torch.nn.GRU, torch.gru, *args),
    "aten.rnn_tanh": lambda *args: network(torch.nn.RNN, torch.rnn_tanh, *args),
    "aten.rnn_relu": lambda *args: network(torch.nn.RNN, torch.rnn_relu, *args),
    "aten.chain_matmul": lambda matrices: torch.chain_matmul(*matrices),
    "aten._scaled_mm": lambda a, b, sa, sb, bias, scale, dtype, fast: torch._scaled_mm(
        a, b, scale_a=sa, scale_b=sb, out_dtype=getattr(torch, dtype)
    ),
    "aten.stft": lambda x, n, hop, win, window, normalized, onesided: torch.stft(
        x, n, hop, win, window, center=False, normalized=normalized, onesided=onesided, return_complex=True
    ),
    "aten.istft": lambda x, n, hop, win, window, center, normalized, onesided, length: torch.istft(
        x, n, hop, win, window, center, normalized, onesided, length
    ),
    "aten.linalg_cross": lambda a, b, dim: torch.linalg.cross(a, b, dim=dim),
    "aten.linalg_inv": torch.linalg.inv,
    "aten.linalg_solve": torch.linalg.solve,
    "aten.linalg_svd": torch.linalg.svd,
    "aten.linalg_qr": torch.linalg.qr,
    "aten.linalg_eigh": torch.linalg.eigh,
    "aten.linalg_cholesky": torch.linalg.cholesky,
    "aten.linalg_det": torch.linalg.det,
    "aten.linalg_slogdet": torch.linalg.slogdet,
    "aten.linalg_pinv": torch.linalg.pinv,
    "aten.linalg_matrix_exp": torch.linalg.matrix_exp,
    "aten.linalg_svdvals": torch.linalg.svdvals,
    "aten.linalg_eigvalsh": torch.linalg.eigvalsh,
    "aten.linalg_solve_triangular": lambda a, b, upper, left, unit: torch.linalg.solve_triangular(
        a, b, upper=upper, left=left, unitriangular=unit
    ),
    "aten.linalg_lu_solve": lambda lu, pivots, b, left, adjoint: torch.linalg.lu_solve(
        lu, pivots, b, left=left, adjoint=adjoint
    ),
    "aten.grid_sampler": torch.grid_sampler,
    "aten.affine_grid_generator": torch.affine_grid_generator,
}


def call(op, args):
    if op in runners:
        return runners[op](*args)
    space, name = op.split(".")
    packet = getattr(getattr(torch.ops, space), name)
    if op.startswith("aten.upsample") or op.startswith("aten._upsample"):
        return (packet.vec if isinstance(args[1], list) or args[1] is None else packet.default)(*args)
    return packet(*args)


def described(tensor):
    contiguous = tensor.is_contiguous()
    return [str(tensor.dtype).removeprefix("torch."), list(tensor.shape), None if contiguous else list(tensor.stride())]


def tensors_in(result):
    if isinstance(result, torch.Tensor):
        return [result]
    return [one for part in (result or []) for one in tensors_in(part)]


def measured(op, args):
    kept = {}
    alive = []

    def pack(tensor):
        alive.append(tensor)
        storage = tensor.untyped_storage()
        kept[(str(tensor.device), storage.data_ptr() or id(storage))] = storage.nbytes()
        return tensor

    values = [value(arg) for arg in args]
    counter = FlopCounterMode(display=False)
    with torch.autograd.graph.saved_tensors_hooks(pack, lambda t: t):
        try:
            with nullcontext() if op in uncounted else counter:
                result = call(op, values)
            macs = str(counter.get_total_flops() // 2)
        except AssertionError:
            # The counter does not know attention whose heads are shared, which runs all the same.
            kept.clear()
            alive.clear()
            result, macs = call(op, values), "?"
    outputs = [described(one) for one in tensors_in(result)]
    detail = [(str(t.dtype).removeprefix("torch."), list(t.shape), t.untyped_storage().nbytes()) for t in alive]
    detail.append([str(kernel) for kernel in counter.get_flop_counts().get("Global", {})])
    return outputs, sum(kept.values()), "?" if op in uncounted else macs, detail


def main():
    print(f"# torch {torch.__version__} on {torch.cuda.get_device_name()}: python3 make_ops_cuda.py > ops_cuda.tsv")
    torch.manual_seed(0)
    detailed = "--detail" in sys.argv
    for op, args in cases:
        text = json.dumps(args, separators=(",", ":"))
        detail = []
        try:
            outputs, saved, macs, detail = measured(op, args)
        except Exception as error:
            outputs, saved, macs = "refused", 0, "0"
            print(op, text[:200], str(error).split("\n")[0][:150], file=sys.stderr)
        row = [op, text, json.dumps(outputs, separators=(",", ":")), str(saved), macs]
        print("\t".join(row + ([json.dumps(detail)] if detailed else [])))


main()
