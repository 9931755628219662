/** Attention that PyTorch composes of products and a softmax, kernel by kernel. */
import { type DType, itemBytes } from "../../tensor/dtype.ts";
import type { Run } from "./kernels.ts";

export interface MathShape {
  readonly form: "math";
  readonly batch: number;
  readonly queries: number;
  readonly keys: number;
  readonly width: number;
  readonly valueWidth: number;
  readonly dtype: DType;
  readonly causal: boolean;
  /** Elements of a mask, and whether it is boolean. */
  readonly mask: { readonly elements: number; readonly boolean: boolean } | undefined;
}

/**
 * The kernels of `_scaled_dot_product_attention_math` (aten/src/ATen/native/transformers/attention.cpp): half types are
 * widened to float32; query and key are scaled and brought into one matrix a head; a boolean mask becomes numbers and is
 * added; the softmax is made safe for rows without a key; the result and the weights are narrowed again.
 */
export function mathAttention(shape: MathShape): Run[] {
  const { batch, queries, keys, width, valueWidth, dtype, causal, mask } = shape;
  const narrow = itemBytes(dtype);
  const half = narrow < 4;
  const wide = half ? 4 : narrow;
  const [query, key, value] = [batch * queries * width, batch * keys * width, batch * keys * valueWidth];
  const [scores, out] = [batch * queries * keys, batch * queries * valueWidth];
  const operands = [query, key, value];
  const product = (n: number, k: number, bytes: number): Run => ({
    kernel: {
      form: "product",
      kind: half ? "fp32 product" : productKind(dtype),
      batch,
      m: queries,
      n,
      k,
      dtype: half ? "float32" : dtype,
    },
    bytes,
  });
  const runs: Run[] = [
    ...(half ? operands.map((items) => stream("mixed element-wise", items, items * (narrow + wide))) : []),
    ...[query, key].map((items) => stream("element-wise", items, 2 * items * wide)),
    ...operands.map((items) => stream("strided element-wise", items, 2 * items * wide)),
    ...maskRuns(mask, causal ? queries * keys : 0, wide),
    product(keys, width, (query + key + scores) * wide),
    ...(mask || causal
      ? [stream("strided element-wise", scores, (2 * scores + (mask?.elements ?? queries * keys)) * wide)]
      : []),
    { kernel: softmax(scores, keys), bytes: 2 * scores * wide },
    stream("element-wise", scores, scores * (wide + 1)),
    stream("reduction", scores, scores, scores / keys),
    stream("strided element-wise", scores, 2 * scores * wide),
    product(valueWidth, keys, (scores + value + out) * wide),
    ...(half ? [out, scores].map((items) => stream("mixed element-wise", items, items * (narrow + wide))) : []),
  ];
  return runs.map((run) => ({ ...run, asked: "math attention" }));
}

/** Zeros, the mask's opposite, and the lowest number where that holds; a causal mask is made first. */
function maskRuns(mask: MathShape["mask"], causal: number, wide: number): Run[] {
  const items = mask?.boolean ? mask.elements : causal;
  if (items === 0) return [];
  const made = mask ? [] : [stream("fill", items, items), stream("element-wise", items, 2 * items)];
  return [
    ...made,
    stream("fill", items, items * wide),
    stream("element-wise", items, 2 * items),
    stream("element-wise", items, items * (1 + 2 * wide)),
  ];
}

function productKind(dtype: DType): "fp32 product" | "product" {
  return itemBytes(dtype) > 2 ? "fp32 product" : "product";
}

function softmax(scores: number, keys: number): Run["kernel"] {
  const rows = scores / keys;
  return { form: "stream", kind: keys > 1024 ? "long softmax" : "softmax", items: scores, rows, lanes: rows };
}

function stream(kind: string, items: number, bytes: number, rows = 0): Run {
  return { kernel: { form: "stream", kind, items, rows, lanes: Number.POSITIVE_INFINITY }, bytes };
}
