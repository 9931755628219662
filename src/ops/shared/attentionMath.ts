import { itemBytes } from "../../tensor/dtype.ts";
import { count, integers } from "../../tensor/size.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import type { Saved } from "../op.ts";
import type { AttentionCall } from "./attentionBackend.ts";
import { expanded, reshaped, strided } from "./strided.ts";

/**
 * What attention as a composition of products keeps: query and key scaled, the softmax, its dropout, and the value.
 *
 * Half precision is computed in float32, so there every operand is a copy.
 */
export function mathSaves(call: AttentionCall, out: Tensor, needs: readonly boolean[]): readonly Saved[] {
  const { query, key, value, mask, dropout } = call;
  const half = query.dtype === "float16" || query.dtype === "bfloat16";
  const wide = half ? 4 : itemBytes(query.dtype);
  const batch = integers(out.shape.slice(0, -2));
  const of = (one: Tensor) => count(batch) * count(one.shape.slice(-2)) * wide;
  const scores = count(batch) * count(query.shape.slice(-2, -1)) * count(key.shape.slice(-2, -1));
  const [toQuery, toKey, toValue, toMask] = needs;
  const toScores = toQuery || toKey || (toMask && mask?.requiresGrad);
  return [
    toQuery && { extraBytes: of(key), what: "scaled key" },
    toKey && { extraBytes: of(query), what: "scaled query" },
    (toScores || (toValue && dropout === 0)) && { extraBytes: scores * wide, what: "attention weights" },
    toScores && dropout > 0 && { extraBytes: scores, what: "dropout mask" },
    toValue && dropout > 0 && { extraBytes: scores * wide, what: "attention weights after dropout" },
    toScores && keptValue(value, batch, half),
  ];
}

function keptValue(value: Tensor, batch: readonly number[], half: boolean): Saved {
  const last = integers(value.shape.slice(-2));
  const bytes = count(batch) * count(last);
  if (half) return { extraBytes: bytes * 4, what: "value in float32" };
  const heads = integers(value.shape.slice(0, -2));
  if (heads.some((n, i) => n !== batch[i] && n !== 1)) {
    return { extraBytes: bytes * itemBytes(value.dtype), what: "value repeated for each query head" };
  }
  return reshaped(expanded(strided(value), [...batch, ...last]), [count(batch), ...last]).kept;
}
