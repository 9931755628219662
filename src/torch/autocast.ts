/** What `torch.autocast` casts before an operation. */

import { ops } from "../ops/catalogue.ts";
import type { Arg } from "../ops/op.ts";
import type { Interpreter } from "../python/interpreter.ts";
import { type DType, isDType } from "../tensor/dtype.ts";
import { isTensor, type Tensor } from "../tensor/tensor.ts";
import type { Tracer } from "../trace/tracer.ts";
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

/** The arguments as an operation's kernel is handed them: as autocast changes them, and widened where it takes one type. */
export function cast(py: Interpreter, name: string, args: readonly Arg[]): readonly Arg[] {
  const handed = underAutocast(py, name, args);
  return name === "aten.softmax" || name === "aten.log_softmax" ? widenedFirst(py, handed) : handed;
}

/** Softmax in another type reads a copy in that type; only from float16 to float32 does its kernel widen by itself. */
function widenedFirst(py: Interpreter, args: readonly Arg[]): readonly Arg[] {
  const [input, dim, dtype] = args;
  if (!isTensor(input) || typeof dtype !== "string" || !isDType(dtype) || dtype === input.dtype) return args;
  if (input.dtype === "float16" && dtype === "float32") return args;
  return [castOne(py, input, dtype, [input.dtype]), dim as Arg, dtype];
}

/** The arguments as autocast hands them on; as they are outside an autocast region. */
function underAutocast(py: Interpreter, name: string, args: readonly Arg[]): readonly Arg[] {
  const { autocast } = tracerOf(py);
  if (!autocast) return args;
  const at = widened.get(name);
  if (at !== undefined) return inFloat32(args, at);
  if (reduced.has(name)) return fromLast(args, (arg) => castAll(py, arg, autocast, ["float32", "float16", "bfloat16"]));
  if (full.has(name)) return fromLast(args, (arg) => castAll(py, arg, "float32", ["float16", "bfloat16"]));
  return args;
}

/** PyTorch is compiled so that the last argument is cast first, which the backward pass turns round. */
function fromLast(args: readonly Arg[], each: (arg: Arg) => Arg): readonly Arg[] {
  return args.toReversed().map(each).reverse();
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
  const before = isLeaf(tensor) ? cache.get(tensor.storage.id) : undefined;
  if (before && before.dtype === to) return { ...before, shape: tensor.shape, strides: tensor.strides };
  const op = ops.get("aten._to_copy");
  if (!op) throw new Error("no operation aten._to_copy");
  const [copy] = tracerOf(py).apply(op, [tensor, to], undefined) as [Tensor];
  copy.storage.holders++;
  if (copy.node) copy.node.holders++;
  if (isLeaf(tensor)) cache.set(tensor.storage.id, copy);
  return copy;
}

function isLeaf({ storage, requiresGrad, node }: Tensor): boolean {
  return storage.role === "parameter" && requiresGrad && !node;
}

/** The operation has run: casts that nothing but its arguments held are let go of. */
export function endCasts(py: Interpreter, given: readonly Arg[], handed: readonly Arg[]): void {
  if (given === handed) return;
  given.forEach((arg, i) => {
    const other = handed[i] as Arg;
    if (arg === other) return;
    if (Array.isArray(arg)) endCasts(py, arg, other as readonly Arg[]);
    else if (isTensor(arg) && isTensor(other) && !isLeaf(arg)) {
      letGo(tracerOf(py), other);
    }
  });
}

/** Nothing of the program holds a cast any more; what runs again lets go of it there, too. */
function letGo(tracer: Tracer, { storage, node }: Tensor): void {
  tracer.drops.push({ after: tracer.events.length, storage });
  tracer.drop(storage);
  if (node) tracer.dropNode(node);
}

/** Lets go of the weights that were cast and kept. */
export function forgetCasts(py: Interpreter): void {
  const cache = weightCache(py);
  for (const one of cache.values()) letGo(tracerOf(py), one);
  cache.clear();
}

function weightCache(py: Interpreter): Map<number, Tensor> {
  const cache = (py.extensions.get("autocast weights") as Map<number, Tensor> | undefined) ?? new Map<number, Tensor>();
  py.extensions.set("autocast weights", cache);
  return cache;
}
