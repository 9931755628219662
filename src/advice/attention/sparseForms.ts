/** Longformer's and BigBird's patterns as the edit writes them, in the program that is run again. */
import { Float } from "../../tensor/scalar.ts";
import { integer, integers } from "../../tensor/size.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { record } from "../training/adapters.ts";
import type { AttentionCall, Operands } from "./calls.ts";
import type { SparseForm } from "./sparseCode.ts";

/** Chunks of half a window over the kernel that is there, with global tokens projected from the layer's input. */
export function banded(
  call: AttentionCall,
  operands: Operands,
  input: Tensor | undefined,
  { window, globals, capability }: SparseForm,
): Tensor {
  const { query, key, value, rewriting, run } = operands;
  const [batch = 1, heads = 1, length = 1, width = 1] = integers(query.shape);
  const half = window / 2;
  const chunks = Math.ceil(length / half);
  const attend = attention(call, operands, capability);
  const chunked = (one: Tensor, beside: number) => {
    const padded = run("constant_pad_nd", one, [0, 0, beside, beside + chunks * half - length], 0);
    const size = half + 2 * beside;
    const cut = run("permute", run("unfold", padded, 2, size, half), [0, 2, 1, 4, 3]);
    const flat = run("reshape", cut, [batch * chunks, heads, size, integer(one.shape[3] ?? 1)]);
    rewriting.done(padded);
    return flat;
  };
  const metByAll = (one: Tensor) => {
    const features = integer(one.shape[3] ?? 1);
    const first = run("unsqueeze", run("slice", one, 2, null, globals, 1), 1);
    const all = run("expand", first, [batch, chunks, heads, globals, features]);
    return run("reshape", all, [batch * chunks, heads, globals, features]);
  };
  const beside = (one: Tensor) => {
    const near = chunked(one, half);
    if (globals === 0) return near;
    const all = metByAll(one);
    const joined = run("cat", [all, near], 2);
    rewriting.done(all, near);
    return joined;
  };
  const ones = (...shape: number[]) => run("ones", shape, "bool");
  const band = run("logical_and", ones(half, 3 * half), ones(chunks, 1, 3 * half));
  const widened = run("constant_pad_nd", band, [globals, 0], 1);
  const seen = run("clone", run("expand", widened, [batch, chunks, half, globals + 3 * half]), null);
  const mask = run("reshape", seen, [batch * chunks, 1, half, globals + 3 * half]);
  const out = attend(chunked(query, 0), beside(key), beside(value), mask);
  const features = integer(value.shape[3] ?? 1);
  const turned = run("transpose", run("view", out, [batch, chunks, heads, half, features]), 1, 2);
  const local = run("slice", run("reshape", turned, [batch, heads, chunks * half, features]), 2, null, length, 1);
  if (globals === 0) return local;
  const weights = (out: number) => [
    rewriting.weight([out, heads * width], query.dtype, true),
    rewriting.weight([out], query.dtype, true),
  ];
  const [ofQuery, ofPair] = [weights(heads * width), weights(2 * heads * width)];
  const given = input && rewriting.now(input);
  if (!given || integer(given.shape[2] ?? 1) !== heads * width) return local;
  const globalQuery = run("linear", run("slice", given, 1, null, globals, 1), ...ofQuery);
  const pair = run("linear", given, ...ofPair);
  const ofHeads = run("transpose", run("view", globalQuery, [batch, globals, heads, width]), 1, 2);
  const split = run("permute", run("view", pair, [batch, length, 2, heads, width]), [2, 0, 3, 1, 4]);
  const [globalKey, globalValue] = rewriting.run(record("unbind"), split, 0) as [Tensor, Tensor];
  const whole = attend(ofHeads, globalKey, globalValue, null);
  return run("cat", [whole, run("slice", local, 2, globals, null, 1)], 2);
}

/** Chosen blocks copied beside each other, and whole rows for the first and the last block. */
export function blockSparse(
  call: AttentionCall,
  operands: Operands,
  { block, random, capability }: SparseForm,
): Tensor {
  const { query, key, value, run } = operands;
  const [batch = 1, heads = 1, length = 1, width = 1] = integers(query.shape);
  const rows = Math.floor(length / block) - 2;
  const chosenBlocks = 5 + random;
  const attend = attention(call, operands, capability);
  const table = run("zeros", [rows * chosenBlocks], "int64");
  const chosen = (one: Tensor) => {
    const features = integer(one.shape[3] ?? 1);
    const flat = run("reshape", one, [batch, heads, rows + 2, block * features]);
    const picked = run("index_select", flat, 2, table);
    return run("view", picked, [batch, heads * rows, chosenBlocks * block, features]);
  };
  const inside = run("slice", query, 2, block, -block, 1);
  const inner = run("reshape", inside, [batch, heads * rows, block, width]);
  const middle = attend(inner, chosen(key), chosen(value), null);
  const ends = run("cat", [run("slice", query, 2, null, block, 1), run("slice", query, 2, -block, null, 1)], 2);
  const outer = attend(ends, key, value, null);
  const features = integer(value.shape[3] ?? 1);
  const between = run("reshape", middle, [batch, heads, rows * block, features]);
  return run("cat", [run("slice", outer, 2, null, block, 1), between, run("slice", outer, 2, block, null, 1)], 2);
}

/** The one kernel with the call's own dropout and scale. */
function attention({ eager, operation }: AttentionCall, { dropout, run }: Operands, capability: number | undefined) {
  const scale = eager ? null : (operation.call.args[6] ?? null);
  return (query: Tensor, key: Tensor, value: Tensor, mask: Tensor | null) =>
    run(
      "scaled_dot_product_attention",
      query,
      key,
      value,
      mask,
      new Float(dropout),
      false,
      scale,
      false,
      null,
      capability ?? null,
    );
}
