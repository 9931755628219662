import { count, type Size } from "../../tensor/size.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { type Op, Refused } from "../op.ts";
import { tensor } from "../shared/arguments.ts";
import { broadcastShapes, fresh } from "../shared/making.ts";
import { mustEqual } from "../shared/spatial.ts";

/**
 * `aten._flex_attention(query, key, value, scale, enable_gqa)` as its compiled kernel runs it: the result and a
 * log-sum-exp, float32, for each query.
 *
 * The blocks that a mask leaves out are data, so multiply-adds are those of all pairs, as for causal attention.
 */
const flexAttention: Op = {
  name: "aten._flex_attention",
  work: 6,

  result([query, key, value]) {
    const [q, k, v] = [tensor(query, "query"), tensor(key, "key"), tensor(value, "value")];
    if ([q, k, v].some((one) => one.shape.length !== 4)) throw new Refused("flex_attention takes tensors of 4 axes");
    mustEqual(q.shape[3], k.shape[3], (a, b) => `query is ${a} wide, but key is ${b} wide`);
    mustEqual(k.shape[2], v.shape[2], (a, b) => `key has ${a} positions, but value has ${b}`);
    const batch = broadcastShapes(q.shape.slice(0, 1), k.shape.slice(0, 1));
    const rows = [...batch, q.shape[1] as Size, q.shape[2] as Size];
    return [fresh([...rows, v.shape[3] as Size], q.dtype), { ...fresh(rows, "float32"), detached: true }];
  },

  macs([query, key, value], [out]) {
    const pairs = count(out?.shape.slice(0, 3) ?? []) * count(tensor(key).shape.slice(2, 3));
    return pairs * (count(tensor(query).shape.slice(3)) + count(tensor(value).shape.slice(3)));
  },

  saves: ([query, key, value], out) => [tensor(query), tensor(key), tensor(value), ...out, wholeMask],

  backward([grad], call) {
    const [query, key, value] = call.args.slice(0, 3).map((one) => tensor(one)) as [Tensor, Tensor, Tensor];
    const pairs = count(query.shape.slice(0, 3)) * count(key.shape.slice(2, 3));
    const macs = pairs * (3 * count(query.shape.slice(3)) + 2 * count(value.shape.slice(3)));
    const makes = [query, key, value].map((one) => fresh(one.shape, one.dtype));
    return call.kernel("aten._flex_attention_backward", [grad, ...call.kept], makes, { macs, work: 6 });
  },
};
export default flexAttention;

/** The block mask that stands for none: four int32 numbers. Others grow by a number for each pair of 128-wide blocks. */
const wholeMask = { extraBytes: 16, what: "block mask" };
