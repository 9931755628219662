/** What `torch.autocast` casts before an operation. */

import { ops } from "../ops/catalogue.ts";
import type { Arg } from "../ops/op.ts";
import type { Interpreter } from "../python/interpreter.ts";
import type { DType } from "../tensor/dtype.ts";
import { isTensor, type Tensor } from "../tensor/tensor.ts";
import { tracerOf } from "./tensorObject.ts";

// PyTorch's own lists (autocast_mode.h, CUDA): what runs in the reduced type, and what must run in float32.
const reduced = new Set(
  [
    "mm",
    "addmm",
    "bmm",
    "baddbmm",
    "addbmm",
    "mv",
    "addmv",
    "matmul",
    "linear",
    "einsum",
    "convolution",
    "scaled_dot_product_attention",
    "prelu",
    "chain_matmul",
    "tensordot",
    "linalg_multi_dot",
    "lstm",
    "gru",
    "rnn_tanh",
    "rnn_relu",
    "lstm_cell",
    "gru_cell",
  ].map((name) => `aten.${name}`),
);
const full = new Set(
  [
    "_softmax",
    "_log_softmax",
    "group_norm",
    "cosine_similarity",
    "dist",
    "soft_margin_loss",
    "multi_margin_loss",
    "native_layer_norm",
    "native_group_norm",
    "rms_norm",
    "_fused_rms_norm",
    "nll_loss_forward",
    "nll_loss2d_forward",
    "mse_loss",
    "l1_loss",
    "smooth_l1_loss",
    "huber_loss",
    "binary_cross_entropy_with_logits",
    "kl_div",
    "cosine_embedding_loss",
    "exp",
    "expm1",
    "log",
    "log2",
    "log10",
    "log1p",
    "pow",
    "reciprocal",
    "rsqrt",
    "norm",
    "linalg_vector_norm",
    "softplus",
    "acos",
    "asin",
    "cosh",
    "sinh",
    "tan",
    "erfinv",
    "cdist",
    "logsumexp",
  ].map((name) => `aten.${name}`),
);

/** What autocast asks for a float32 result of, by the place of its dtype argument. */
const widened = new Map(
  Object.entries({ softmax: 2, log_softmax: 2, sum: 3, prod: 3, cumsum: 2, cumprod: 2 }).map(([name, at]) => [
    `aten.${name}`,
    at,
  ]),
);

/** The arguments as autocast hands them on; as they are outside an autocast region. */
export function cast(py: Interpreter, name: string, args: readonly Arg[]): readonly Arg[] {
  const { autocast } = tracerOf(py);
  if (!autocast) return args;
  const at = widened.get(name);
  if (at !== undefined) return inFloat32(args, at);
  if (reduced.has(name)) return args.map((arg) => castAll(py, arg, autocast, ["float32", "float16", "bfloat16"]));
  if (full.has(name)) return args.map((arg) => castAll(py, arg, "float32", ["float16", "bfloat16"]));
  return args;
}

function inFloat32(args: readonly Arg[], at: number): readonly Arg[] {
  const [input] = args;
  if (!isTensor(input) || args[at] || (input.dtype !== "float16" && input.dtype !== "bfloat16")) return args;
  const out = [...args];
  while (out.length <= at) out.push(null);
  out[at] = "float32";
  return out;
}

function castAll(py: Interpreter, arg: Arg, to: DType, from: readonly DType[]): Arg {
  if (Array.isArray(arg)) return arg.map((one) => (isTensor(one) ? castOne(py, one, to, from) : one)) as Arg;
  return isTensor(arg) ? castOne(py, arg, to, from) : arg;
}

/** A cast copy; of a parameter it is made once per region and kept, as autocast's weight cache does. */
function castOne(py: Interpreter, tensor: Tensor, to: DType, from: readonly DType[]): Tensor {
  if (tensor.dtype === to || !from.includes(tensor.dtype)) return tensor;
  const cache = weightCache(py);
  const isLeaf = tensor.storage.role === "parameter" && tensor.requiresGrad && !tensor.node;
  const before = isLeaf ? cache.get(tensor.storage.id) : undefined;
  if (before && before.dtype === to) return { ...before, shape: tensor.shape, strides: tensor.strides };
  const op = ops.get("aten._to_copy");
  if (!op) throw new Error("no operation aten._to_copy");
  const [copy] = tracerOf(py).apply(op, [tensor, to], undefined) as [Tensor];
  if (isLeaf) {
    copy.storage.holders++;
    cache.set(tensor.storage.id, copy);
  }
  return copy;
}

function weightCache(py: Interpreter): Map<number, Tensor> {
  const cache = (py.extensions.get("autocast weights") as Map<number, Tensor> | undefined) ?? new Map<number, Tensor>();
  py.extensions.set("autocast weights", cache);
  return cache;
}
