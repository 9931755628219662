import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { Scenario } from "../../src/base/scenario.ts";
import { rounded } from "../../src/cost/memory/allocator.ts";
import type { Holding } from "../../src/cost/memory/holdings.ts";
import { optimizerBytes } from "../../src/cost/memory/optimizers.ts";
import type { DType } from "../../src/tensor/dtype.ts";
import { denseBytes, Storage } from "../../src/tensor/tensor.ts";

/** Steps of an optimizer on an H200: bytes that stay, and that it takes at most, in its first and second step. */
interface Measured {
  readonly optimizer: string;
  readonly steps: readonly (readonly [number, number])[];
}

const measured = gunzipSync(readFileSync("test/oracle/memory_ops.jsonl.gz"))
  .toString()
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as Partial<Measured>)
  .filter((line): line is Measured => line.optimizer !== undefined && line.steps !== undefined);

/** The parameters that `memory_ops.py` steps. */
const shapes = [[50257, 768], [768], [3072, 768], [768, 3072], [64, 3, 7, 7], [3072]];

const names: Readonly<Partial<Record<Scenario["optimizer"], string>>> = {
  adamw: "adamw fused",
  "adamw-foreach": "adamw foreach",
  sgd: "sgd",
  "sgd-momentum": "sgd momentum",
  adafactor: "adafactor",
  muon: "muon",
};

function parameters(dtype: DType, of: readonly (readonly number[])[]): Holding[] {
  return of.map((shape, i) => {
    const bytes = denseBytes(shape, dtype) as number;
    const storage = new Storage(i, bytes, "parameter", "cuda");
    return { name: `p${i}`, bytes, tensor: { shape, strides: null, dtype, storage, requiresGrad: true } };
  });
}

describe("optimizers take what PyTorch's do", () => {
  for (const dtype of ["float32", "bfloat16"] as const) {
    for (const [optimizer, name] of Object.entries(names)) {
      it(`${name}, parameters in ${dtype}`, () => {
        const row = measured.find((one) => one.optimizer === `${name} ${dtype}`) as Measured;
        const [[kept = 0] = [0, 0], [, most = 0] = [0, 0]] = row.steps;
        // PyTorch's Muon takes matrices only: the others are another optimizer's.
        const own = optimizer === "muon" ? shapes.filter(({ length }) => length === 2) : shapes;
        const { state, step } = optimizerBytes(optimizer as Scenario["optimizer"], parameters(dtype, own));
        const total = (list: readonly number[]) => list.reduce((sum, bytes) => sum + rounded(bytes), 0);
        // A block may be up to 1 MiB larger than what was asked for.
        assert(Math.abs(total(state) - kept) <= shapes.length * 2 ** 20, `state ${total(state)}, but ${kept}`);
        const tolerance = optimizer === "adafactor" ? 0.5 : 0.02;
        assert(Math.abs(total(step) - most) <= tolerance * most + 2 ** 20, `step ${total(step)}, but ${most}`);
      });
    }
  }
});
