/** Landmark attention of a single query as the edit writes it, in the program that is run again (arXiv:2305.16300). */
import { Float } from "../../tensor/scalar.ts";
import { integers } from "../../tensor/size.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { record } from "../training/adapters.ts";
import type { Operands } from "./calls.ts";
import type { Blocks } from "./landmarks.ts";

/** The landmarks' keys are read, the best blocks copied beside the recent ones, and these are met. */
export function retrieved({ query, key, value, rewriting, run }: Operands, { block, blocks, local }: Blocks): Tensor {
  const [batch = 1, heads = 1, count = 1, width = 1] = integers(query.shape);
  const [, keyHeads = 1, length = 1] = integers(key.shape);
  const group = heads / keyHeads;
  const size = block + 1;
  const first = Math.floor((length - local) / size) * size;
  const scaled = run("mul", run("view", query, [batch, keyHeads, group, count, width]), new Float(width ** -0.5));
  const marks = run("slice", key, 2, block, first, size);
  const asked = run("reshape", scaled, [batch, keyHeads, group * count, width]);
  const scores = run("amax", run("matmul", asked, run("transpose", marks, -2, -1)), [2], false);
  const [, best] = rewriting.run(record("topk"), scores, blocks, -1, true, true) as [Tensor, Tensor];
  const apart = run("mul", run("unsqueeze", best, -1), size);
  const at = run("view", run("add", apart, run("arange", 0, size, 1, "int64")), [batch, keyHeads, blocks * size, 1]);
  const met = (one: Tensor) => {
    const features = integers(one.shape)[3] ?? 1;
    const picked = run("gather", one, 2, run("expand", at, [batch, keyHeads, blocks * size, features]));
    const joined = run("cat", [picked, run("slice", one, 2, first, null, 1)], 2);
    rewriting.done(picked);
    return run("unsqueeze", joined, 2);
  };
  const [keys, values] = [met(key), met(value)];
  const out = grouped(scaled, keys, values, size, { rewriting, run });
  return run("reshape", out, [batch, heads, count, integers(value.shape)[3] ?? 1]);
}

/** Softmax over a query's own block and the landmarks of closed ones, whose tokens share what their landmark gets. */
function grouped(
  query: Tensor,
  keys: Tensor,
  values: Tensor,
  size: number,
  { rewriting, run }: Pick<Operands, "rewriting" | "run">,
): Tensor {
  const scores = run("matmul", query, run("transpose", keys, -2, -1));
  const [batch = 1, keyHeads = 1, group = 1, count = 1, length = 1] = integers(scores.shape);
  const groups = Math.ceil(length / size);
  const near = run("arange", 0, length, 1, "int64");
  const own = run("div", near, size, "floor");
  const seen = run("logical_and", run("eq", own, own), run("le", near, near));
  const hidden = run("logical_not", seen);
  const closed = run("logical_not", run("lt", run("arange", 0, groups, 1, "int64"), 1));
  const padded = run("constant_pad_nd", scores, [0, groups * size - length], 0);
  const blocks = run("view", padded, [batch, keyHeads, group, count, groups, size]);
  const least = new Float(Number.NEGATIVE_INFINITY);
  const ofBlocks = run("masked_fill", run("select", blocks, -1, -1), closed, least);
  const outer = run("softmax", run("cat", [ofBlocks, run("masked_fill", scores, hidden, least)], -1), -1, null);
  const share = run("unsqueeze", run("slice", outer, -1, null, groups, 1), -1);
  const inner = run("mul", run("softmax", run("slice", blocks, -1, null, -1, 1), -1, null), share);
  const flat = run("view", run("constant_pad_nd", inner, [0, 1], 0), [batch, keyHeads, group, count, groups * size]);
  const kept = run("slice", flat, -1, null, length, 1);
  const weights = run("add", kept, run("slice", outer, -1, groups, null, 1));
  rewriting.done(padded, outer, inner);
  return run("matmul", weights, values);
}
