/** The backward pass of attention, by the kernel that ran forward. */
import { itemBytes } from "../../tensor/dtype.ts";
import { count, integers, type Size } from "../../tensor/size.ts";
import { isContiguous, type Tensor } from "../../tensor/tensor.ts";
import type { BackwardCall, Gradient, Made } from "../op.ts";
import { type AttentionCall, attentionBackend } from "./attentionBackend.ts";
import { elementwise } from "./gradients.ts";
import { iterated } from "./layout.ts";

/**
 * Multiply-adds are the counter's (`sdpa_backward_flop_count`): five products, of which one computes the scores again. What
 * the kernels take beside is as ATen allocates it, and was seen so on an H200.
 */
export function attentionGradients(grad: Tensor, asked: AttentionCall, call: BackwardCall): readonly Gradient[] {
  const backend = attentionBackend(asked);
  if (backend === "math") return composed(grad, asked, call);
  const { query, key, value, mask, causal } = asked;
  const [out] = call.out as [Tensor];
  const rows = count(query.shape.slice(0, 3));
  const pairs = rows * count(key.shape.slice(2, 3));
  const [width, valueWidth] = [query, value].map((one) => {
    const own = count(one.shape.slice(3));
    return backend === "flash" ? Math.ceil(own / 8) * 8 : own;
  }) as [number, number];
  const made = [query, key, value].map((one) =>
    backend === "efficient" ? byPosition(one) : iterated(one.shape, [one], one.dtype),
  );
  if (mask && call.needs[3])
    made.push({ shape: [...query.shape.slice(0, 3), key.shape[2] as Size], dtype: query.dtype });
  const gradients = call.kernel(`aten._scaled_dot_product_${backend}_attention_backward`, [grad, ...call.kept], made, {
    macs: pairs * (3 * width + 2 * valueWidth),
    work: 6,
    workspaceBytes: workspace[backend](asked, grad, out),
    detail: { backend, causal, ...(asked.dropout > 0 && { dropout: asked.dropout }) },
  });
  return gradients.map((one, i) => (call.needs[i] ? one : undefined));
}

/** `[B, H, S, D]` written as `[B, S, H, D]`. */
function byPosition({ shape, dtype }: Tensor): Made {
  const [, heads = 1, rows = 1, width = 1] = integers(shape);
  return { shape, dtype, strides: [rows * heads * width, width, heads * width, 1] };
}

type Workspace = (call: AttentionCall, grad: Tensor, out: Tensor) => number;

const workspace: Readonly<Record<"cudnn" | "flash" | "efficient", Workspace>> = {
  /** The query's gradient and a sum for each row in float32; gradients of shared heads before they are summed. */
  cudnn: (call) => count(call.query.shape) * 4 + sums(call, 1) + 512 + shared(call),
  /** The same with rows and widths rounded up, and copies of gradient and result where they do not lie position by position. */
  flash(call, grad, out) {
    const [batch = 1, heads = 1, rows = 1, width = 1] = integers(call.query.shape);
    const rounded = width <= 128 ? Math.ceil(width / 32) * 32 : Math.ceil(width / 64) * 64;
    const wide = batch * heads * Math.ceil(rows / 128) * 128 * rounded * 4;
    const copies = [grad, out].filter((one) => !liesByPosition(one)).length * count(out.shape) * itemBytes(out.dtype);
    return wide + sums(call, 128) + copies + shared(call);
  },
  /** The query's gradient in float32 (or gradient times result), and a sum for each row twice. */
  efficient: (call, _grad, out) => count(out.shape) * 4 + 2 * sums(call, 1),
};

function sums({ query }: AttentionCall, multiple: number): number {
  const rows = count(query.shape.slice(2, 3));
  return count(query.shape.slice(0, 2)) * Math.ceil(rows / multiple) * multiple * 4;
}

function shared({ query, key, value }: AttentionCall): number {
  const heads = count(query.shape.slice(1, 2));
  if (count(key.shape.slice(1, 2)) === heads) return 0;
  const each = count(query.shape.slice(0, 1)) * heads * count(key.shape.slice(2, 3)) * itemBytes(query.dtype);
  return each * (count(key.shape.slice(3)) + count(value.shape.slice(3)));
}

function liesByPosition({ shape, strides }: Tensor): boolean {
  if (!strides) return shape[1] === 1 || shape[2] === 1;
  const swap = <T>(list: readonly T[]) => [list[0], list[2], list[1], list[3]] as T[];
  return isContiguous(swap(shape), swap(strides));
}

/** Attention that was composed of products: the softmax between two of them. Half types run in float32. */
function composed(
  grad: Tensor,
  { query, key, value, dropout }: AttentionCall,
  call: BackwardCall,
): readonly Gradient[] {
  const [toQuery, toKey, toValue] = call.needs;
  const [scaledKey, scaledQuery, weights, mask, dropped, keptValue] = call.kept;
  const half = itemBytes(query.dtype) < 4;
  const dtype = half ? "float32" : query.dtype;
  const wide = half ? elementwise(call, "_to_copy", [grad], { dtype }) : grad;
  const batch = (call.out[0] as Tensor).shape.slice(0, -2);
  const [rows, columns] = [query.shape.at(-2) as Size, key.shape.at(-2) as Size];
  const pairs = count(batch) * count([rows, columns]);
  const product = (shape: readonly Size[], inner: Size, reads: readonly (Tensor | undefined)[]) =>
    call.kernel("aten.bmm", reads, [{ shape: [...batch, ...shape], dtype }], {
      macs: (pairs * count(shape) * count([inner])) / count([rows, columns]),
    })[0] as Tensor;
  const width = query.shape.at(-1) as Size;
  const valueWidth = value.shape.at(-1) as Size;
  const forValue = toValue ? product([columns, valueWidth], rows, [dropped ?? weights, wide]) : undefined;
  if (!toQuery && !toKey && !call.needs[3]) return [undefined, undefined, forValue];
  let scores = product([rows, columns], valueWidth, [wide, keptValue ?? value]);
  if (dropout > 0) scores = elementwise(call, "native_dropout_backward", [scores, mask]);
  scores = elementwise(call, "_softmax_backward_data", [scores, weights], {
    work: 4,
    workspaceBytes: pairs * itemBytes(dtype),
  });
  const scaled = (one: Tensor) => elementwise(call, "mul", [one]);
  return [
    toQuery ? scaled(product([rows, width], columns, [scores, scaledKey])) : undefined,
    toKey ? scaled(product([columns, width], rows, [scores, scaledQuery])) : undefined,
    forValue,
    call.needs[3] ? scores : undefined,
  ];
}
