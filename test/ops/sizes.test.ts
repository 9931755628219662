/** Sizes that carry expressions or are unknown, through operations; memory that gathers move. */
import assert from "node:assert/strict";
import { Unknown } from "../../src/base/unknown.ts";
import { ops } from "../../src/ops/catalogue.ts";
import { type Arg, type Made, Refused } from "../../src/ops/op.ts";
import { Float } from "../../src/tensor/scalar.ts";
import { floorDivide, minus, plus, type Size, scenarioSize, showSize, times } from "../../src/tensor/size.ts";
import { call, makeTensor } from "../support/opCalls.ts";

const B = scenarioSize("B", 4);
const T = scenarioSize("T", 6);
const unknown = new Unknown("it depends on values");
const f32 = (...shape: Size[]) => makeTensor("float32", shape);
const i64 = (...data: number[]) => makeTensor("int64", [data.length], { data });

/** The shapes of the results, as a person writes them. */
function shapes(name: string, ...args: Arg[]): string {
  const made = ops.get(`aten.${name}`)!.result(args);
  const list = ("shape" in made ? [made] : made) as readonly Made[];
  return list.map(({ shape }) => shape.map(showSize).join(", ")).join(" | ");
}

function refusal(name: string, ...args: Arg[]): string {
  try {
    ops.get(`aten.${name}`)!.result(args);
  } catch (error) {
    if (error instanceof Refused) return error.message;
    throw error;
  }
  return "taken";
}

const symbolic: readonly (readonly [string, string, () => Arg[]])[] = [
  ["view", "B, T, 12, 64", () => [f32(B, T, 768), [B, T, 12, -1]]],
  ["view", "B·T, 768", () => [f32(B, T, 768), [-1, 768]]],
  ["view", "B, 768·T", () => [f32(B, T, 768), [B, -1]]],
  ["flatten", "B, 768·T", () => [f32(B, T, 768), 1]],
  ["transpose", "B, 12, T, 64", () => [f32(B, T, 12, 64), 1, 2]],
  ["chunk", "B, T | B, T | B, T", () => [f32(B, times(3, T)), 3, 1]],
  ["split", "B, T | B, 2·T", () => [f32(B, times(3, T)), [T, times(2, T)], 1]],
  ["split", "B, T | B, T | B, T", () => [f32(B, times(3, T)), T, 1]],
  ["slice", "B, T - 1", () => [f32(B, T), 1, null, -1]],
  ["slice", "B, T - 2", () => [f32(B, T), 1, 2, null]],
  ["slice", "1, T", () => [f32(1, 1024), 1, null, T]],
  ["slice", "B, T", () => [f32(B, T), 1, 0, 9999]],
  ["slice", "((T + 1) // 2)", () => [f32(T), 0, null, null, 2]],
  ["narrow", "B, T - 3", () => [f32(B, T), 1, 3, minus(T, 3)]],
  ["unfold", "B, T - 2, 3", () => [f32(B, T), 1, 3, 1]],
  ["unbind", "B | B | B", () => [f32(B, 3), 1]],
  ["cat", "B, T + 1", () => [[f32(B, 1), f32(B, T)], 1]],
  ["stack", "2, B, T", () => [[f32(B, T), f32(B, T)], 0]],
  ["expand", "B, T, 64", () => [f32(1, T, 64), [B, -1, -1]]],
  ["repeat", "B, T", () => [f32(1, T), [B, 1]]],
  ["repeat_interleave", "8·B, T", () => [f32(B, T), 8, 0]],
  ["add", "B, T, 768", () => [f32(B, T, 768), f32(768), 1]],
  ["add", "B, T, T", () => [f32(B, 1, T), f32(T, 1), 1]],
  ["arange", "T", () => [0, T, 1]],
  ["arange", "T", () => [new Float(0), T, new Float(1)]],
  ["arange", "((T + 1) // 2)", () => [0, T, 2]],
  ["zeros", "T, T", () => [[T, T]]],
  ["tril", "T, T", () => [f32(T, T)]],
  ["sum", "B, 1", () => [f32(B, T), -1, true]],
  ["mean", "B", () => [f32(B, T), [1]]],
  ["max.dim", "B | B", () => [f32(B, T), 1]],
  ["topk", "B, 2 | B, 2", () => [f32(B, T), 2]],
  ["index", "B, T, 64", () => [f32(1000, 64), [makeTensor("int64", [B, T])]]],
  ["index_select", "B, T", () => [f32(50, T), 0, makeTensor("int64", [B])]],
  ["gather", "B, 1", () => [f32(B, T), 1, makeTensor("int64", [B, 1])]],
  ["one_hot", "B, T, 10", () => [makeTensor("int64", [B, T]), 10]],
  ["meshgrid", "B, T | B, T", () => [[f32(B), f32(T)], "ij"]],
  ["masked_select", "?", () => [f32(B, T), makeTensor("bool", [B, T])]],
  ["nonzero", "?, 2", () => [f32(B, T)]],
  ["index", "?, 64", () => [f32(B, T, 64), [makeTensor("bool", [B, T])]]],
  ["view", "?, 12, 64", () => [f32(unknown, 768), [unknown, 12, 64]]],
  ["view", "?, 12, 64", () => [f32(unknown, 768), [-1, 12, 64]]],
  ["view", "?, 12, 64", () => [f32(unknown, 768), [unknown, 12, -1]]],
  ["permute", "64, ?, T", () => [f32(unknown, T, 64), [2, 0, 1]]],
  ["select", "T, 64", () => [f32(unknown, T, 64), 0, 0]],
  ["slice", "T, ?", () => [f32(T, 8), 1, 0, unknown]],
  ["cat", "?, 8", () => [[f32(unknown, 8), f32(2, 8)], 0]],
  ["add", "?, 8", () => [f32(unknown, 8), f32(8), 1]],
];

const refusals: readonly (readonly [string, string, () => Arg[]])[] = [
  ["view", "view of [2, 10] as [3, 7]: 20 elements against 21", () => [f32(2, 10), [3, 7]]],
  ["add", "shapes [2, 3] and [2, 4] do not broadcast: 3 against 4 at axis -1", () => [f32(2, 3), f32(2, 4), 1]],
  ["cat", "cat along axis 1 of [2, 3] and [4, 3]: axis 0 is 2 against 4", () => [[f32(2, 3), f32(4, 3)], 1]],
  ["split_with_sizes", "split sizes add up to 5, but axis 0 is 6", () => [f32(6), [2, 3], 0]],
  ["expand", "expand of [3, 4] to [5, 4]: axis -2 is 3, not 1 or 5", () => [f32(3, 4), [5, 4]]],
  ["select", "index 7 is out of range for axis 0 of size 3", () => [f32(3, 4), 0, 7]],
  ["index_select", "index 5 is out of range for a size of 3", () => [i64(1, 2, 3), 0, i64(5)]],
];

describe("sizes through operations", () => {
  for (const [name, expected, args] of symbolic) {
    it(`${name} gives ${expected}`, () => assert.equal(shapes(name, ...args()), expected));
  }
  for (const [name, expected, args] of refusals) {
    it(`${name} is refused: ${expected}`, () => assert.equal(refusal(name, ...args()), expected));
  }

  it("refuses with the sizes' own names", () => {
    assert.match(refusal("view", f32(B, T, 10), [B, T, 3, 4]), /B, T, 10.*10·B·T elements against 12·B·T/);
  });

  it("keeps a slice of a table as long as the sequence, whatever the table's length", () => {
    assert.equal(showSize(floorDivide(times(B, plus(T, 2)), B)), "T + 2");
  });
});

describe("known elements through operations", () => {
  it("reach a causal mask", () => {
    const ones = call(ops.get("aten.ones")!, [[3, 3], "bool"]).outs[0]!;
    const mask = call(ops.get("aten.tril")!, [ones, 0]).outs[0]!;
    const hidden = call(ops.get("aten.logical_not")!, [mask]).outs[0]!;
    assert.deepEqual(hidden.data, [0, 1, 1, 0, 0, 1, 0, 0, 0]);
  });

  it("pass through strided views", () => {
    const count = call(ops.get("aten.arange")!, [0, 24, 1]).outs[0]!;
    const cube = call(ops.get("aten.view")!, [count, [2, 3, 4]]).outs[0]!;
    const turned = call(ops.get("aten.permute")!, [cube, [2, 0, 1]]).outs[0]!;
    const part = call(ops.get("aten.slice")!, [turned, 0, 1, null, 2]).outs[0]!;
    assert.deepEqual(part.data, [1, 5, 9, 13, 17, 21, 3, 7, 11, 15, 19, 23]);
    assert.equal(part.storage, count.storage);
  });

  it("end where they are too many", () => {
    assert.equal(call(ops.get("aten.zeros")!, [[65, 64]]).outs[0]!.data, undefined);
    assert.equal(call(ops.get("aten.zeros")!, [[64, 64]]).outs[0]!.data?.length, 4096);
  });
});

describe("memory that gathers move", () => {
  it("is the rows read, not the table", () => {
    const op = ops.get("aten.index_select")!;
    const args = [f32(1000, 64), 0, makeTensor("int64", [2])];
    assert.deepEqual(op.traffic?.(args, call(op, args).outs), { read: 16 + 512, written: 512 });
  });
});
