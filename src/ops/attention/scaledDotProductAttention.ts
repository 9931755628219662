import { itemBytes } from "../../tensor/dtype.ts";
import { count, integers, type Size } from "../../tensor/size.ts";
import { contiguousStrides, stridesOf, type Tensor } from "../../tensor/tensor.ts";
import { type Arg, type Extra, type Made, type Op, Refused, type Saved } from "../op.ts";
import { flag, optionalTensor, tensor } from "../shared/arguments.ts";
import { type AttentionBackend, type AttentionCall, allowedBy, attentionBackend } from "../shared/attentionBackend.ts";
import { attentionGradients } from "../shared/attentionGradients.ts";
import { mathSaves } from "../shared/attentionMath.ts";
import { numberOf } from "../shared/folding.ts";
import { iterated } from "../shared/layout.ts";
import { broadcastShapes, fresh, isKnown } from "../shared/making.ts";
import { mustEqual } from "../shared/spatial.ts";

/**
 * `aten.scaled_dot_product_attention(query, key, value, attn_mask, dropout_p, is_causal, scale, enable_gqa)`, and behind
 * them what of the machine the kernel depends on: the kernel asked for (or null) and the GPU's compute capability.
 *
 * Multiply-adds as the counter has them: every query with every key, no discount for causal masks, key heads counted as
 * often as query heads use them. What is kept depends on the kernel that `attentionBackend` picks.
 */
const scaledDotProductAttention: Op = {
  name: "aten.scaled_dot_product_attention",
  work: 4,

  result(args) {
    const call = attentionCall(args);
    const shape = checkedShape(call);
    if (!shape.every(isKnown) || [call.query, call.key, call.value].some((one) => !one.shape.every(isKnown))) {
      return fresh(shape, call.query.dtype);
    }
    return laidOut(call, shape);
  },

  macs(args, [out]) {
    const { query, key, value } = attentionCall(args);
    const pairs = count((out as Tensor).shape.slice(0, -1)) * count(key.shape.slice(-2, -1));
    const widths = [query, value].map((one) => count(one.shape.slice(-1)));
    const padded = attentionBackend(attentionCall(args)) === "flash" ? widths.map((n) => Math.ceil(n / 8) * 8) : widths;
    return pairs * padded.reduce((total, n) => total + n, 0);
  },

  saves(args, [out], needs) {
    const call = attentionCall(args);
    const backend = attentionBackend(call);
    return backend === "math" ? mathSaves(call, out as Tensor, needs) : kernelSaves[backend](call, out as Tensor);
  },

  backward: ([grad], call) => attentionGradients(grad as Tensor, attentionCall(call.args), call),
};
export default scaledDotProductAttention;

function attentionCall(args: readonly Arg[]): AttentionCall {
  const [query, key, value, mask, dropout, causal, , grouped, kernel, capability, allowed] = args;
  const call = {
    query: tensor(query, "query"),
    key: tensor(key, "key"),
    value: tensor(value, "value"),
    mask: optionalTensor(mask),
    dropout: numberOf(dropout) ?? 0,
    causal: flag(causal),
    grouped: flag(grouped),
    kernel: typeof kernel === "string" ? (kernel as AttentionBackend) : undefined,
    capability: numberOf(capability),
    ...allowedBy(allowed),
  };
  if (call.mask && call.causal) throw new Refused("attn_mask and is_causal cannot both be given", "wrong-argument");
  return call;
}

/** The shape of the result. Refused where heads, widths or lengths do not fit. */
function checkedShape({ query, key, value, mask, grouped }: AttentionCall): readonly Size[] {
  for (const [name, one] of Object.entries({ query, key, value })) {
    if (one.shape.length < 2) throw new Refused(`${name} needs at least 2 axes, but it has ${one.shape.length}`);
    if (one.dtype !== query.dtype)
      throw new Refused(`query is ${query.dtype}, but ${name} is ${one.dtype}`, "wrong-argument");
  }
  mustEqual(query.shape.at(-1), key.shape.at(-1), (a, b) => `query is ${a} wide, but key is ${b} wide`);
  mustEqual(key.shape.at(-2), value.shape.at(-2), (a, b) => `key has ${a} positions, but value has ${b}`);
  const outer = (of: Tensor) => of.shape.slice(0, grouped ? -3 : -2);
  const batch = broadcastShapes(outer(query), outer(key), outer(value));
  const heads = grouped ? query.shape.slice(-3, -2) : [];
  const rows = [...batch, ...heads, query.shape.at(-2) as Size];
  if (grouped) mustDivideHeads(query, key, value);
  if (mask) broadcastShapes([...rows, key.shape.at(-2) as Size], mask.shape);
  return [...rows, value.shape.at(-1) as Size];
}

function mustDivideHeads(query: Tensor, ...others: readonly Tensor[]): void {
  const queries = query.shape.at(-3);
  for (const other of others) {
    const heads = other.shape.at(-3);
    if (queries === undefined || heads === undefined || !isKnown(queries) || !isKnown(heads)) continue;
    const [n, m] = integers([queries, heads]);
    if (n === undefined || m === undefined || n % m !== 0)
      throw new Refused(`${n} query heads cannot share ${m} key or value heads`);
  }
}

/** Efficient attention writes `[B, S, H, D]`; flash and cuDNN follow the query's order of axes; math is contiguous. */
function laidOut(call: AttentionCall, shape: readonly Size[]): Made {
  const backend = attentionBackend(call);
  const { dtype } = call.query;
  if (backend === "math") return fresh(shape, dtype);
  const [, heads = 1, rows = 1, width = 1] = integers(shape);
  const padded = backend === "flash" ? Math.ceil(width / 8) * 8 : width;
  if (backend === "efficient")
    return { ...fresh(shape, dtype), strides: [rows * heads * width, width, heads * width, 1] };
  if (padded !== width)
    return {
      ...fresh(shape, dtype),
      strides: [heads * rows * padded, rows * padded, padded, 1],
      storageBytes: paddedBytes(shape, dtype, padded),
    };
  return iterated(shape, [{ ...call.query, shape }], dtype);
}

function paddedBytes(shape: readonly Size[], dtype: Tensor["dtype"], width: number): number {
  return count(shape.slice(0, -1)) * width * itemBytes(dtype);
}

const kernelSaves = {
  cudnn: (call: AttentionCall, out: Tensor): Saved[] => [
    ...operands(call, 1),
    maskIn(call, call.query.dtype),
    out,
    logSumExp(out, 1),
    ...random(8),
  ],
  flash: (call: AttentionCall, out: Tensor): Saved[] => [...operands(call, 8), out, logSumExp(out, 1), ...random(16)],
  efficient: (call: AttentionCall, out: Tensor): Saved[] => [
    ...operands(call, 1),
    alignedMask(call),
    out,
    logSumExp(out, 32),
    // Outside a CUDA graph these two are numbers of the host.
    ...random(8).map((one): Extra => ({ ...one, onHost: true })),
  ],
};

/** Query, key and value; copies where the kernel needs their width to be a multiple. */
function operands({ query, key, value }: AttentionCall, multiple: number): Saved[] {
  return [query, key, value].map((one) => {
    const width = count(one.shape.slice(-1));
    if (width % multiple === 0) return one;
    const padded = Math.ceil(width / multiple) * multiple;
    return { extraBytes: paddedBytes(one.shape, one.dtype, padded), what: `copy padded to ${padded} wide` };
  });
}

/** One float32 a query, rows rounded up to what the kernel writes. */
function logSumExp(out: Tensor, multiple: number): Extra {
  const rows = Math.ceil(count(out.shape.slice(-2, -1)) / multiple) * multiple;
  return { extraBytes: count(out.shape.slice(0, -2)) * rows * 4, what: "log-sum-exp of the scores" };
}

/** The generator's seed and its offset, two small tensors; flash keeps the seed's state and a second one unused. */
function random(seedBytes: number): Extra[] {
  return [seedBytes, 8].map((extraBytes) => ({ extraBytes, what: "random seed and offset" }));
}

/** A boolean mask becomes one of the query's dtype. */
function maskIn({ mask }: AttentionCall, dtype: Tensor["dtype"]): Saved {
  if (mask?.dtype !== "bool") return mask;
  return { extraBytes: count(mask.shape) * itemBytes(dtype), what: "mask as numbers" };
}

/** Efficient attention reads a mask whose rows start at multiples of 8 elements: others are copied to padded rows. */
function alignedMask(call: AttentionCall): Saved {
  const { mask, query } = call;
  if (!mask) return null;
  const shape = integers(mask.shape);
  const strides = mask.dtype === "bool" ? contiguousStrides(shape) : stridesOf(mask);
  const aligned = strides.slice(0, -1).every((stride) => stride % 8 === 0) && (strides.at(-1) ?? 1) === 1;
  if (aligned) return maskIn(call, query.dtype);
  const width = shape.at(-1) ?? 1;
  const padded = width + 8 - (width % 8);
  return {
    extraBytes: count(mask.shape.slice(0, -1)) * padded * itemBytes(query.dtype),
    what: `mask padded to ${padded} columns`,
  };
}
