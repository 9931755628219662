/** Sizes with expressions and sizes that are unknown, through products, convolutions, pools, attention and recurrence. */
import assert from "node:assert/strict";
import { Unknown } from "../../src/base/unknown.ts";
import { ops } from "../../src/ops/catalogue.ts";
import type { Arg, Made } from "../../src/ops/op.ts";
import { attentionBackend } from "../../src/ops/shared/attentionBackend.ts";
import type { DType } from "../../src/tensor/dtype.ts";
import { evaluate } from "../../src/tensor/expression.ts";
import { Float } from "../../src/tensor/scalar.ts";
import { expressionOf, integers, type Size, scenarioSize, showSize } from "../../src/tensor/size.ts";
import { makeTensor } from "../support/opCalls.ts";

type Sizes = Record<"B" | "T" | "H", Size>;
const t = (...shape: Size[]) => makeTensor("float32", shape);

const calls: Record<string, [op: string, args: (sizes: Sizes) => Arg[], shown: string]> = {
  "a linear layer": ["linear", ({ B, T }) => [t(B, T, 8), t(4, 8), t(4)], "B, T, 4"],
  "a broadcast product": ["matmul", ({ B, T }) => [t(B, 1, T, 8), t(6, 8, T)], "B, 6, T, T"],
  "an einsum": ["einsum", ({ B, T }) => ["bqhd,bkhd->bhqk", [t(B, T, 6, 8), t(B, T, 6, 8)]], "B, 6, T, T"],
  "a tensordot": ["tensordot", ({ B, T }) => [t(B, T, 4), t(T, 4, 3), 2], "B, 3"],
  "a strided convolution": [
    "convolution",
    ({ B, H }) => [t(B, 3, H, 32), t(8, 3, 3, 3), null, [2, 2], [1, 1], [1, 1], false, [0, 0], 1],
    "B, 8, ((H - 1) // 2) + 1, 16",
  ],
  "a patch embedding": [
    "convolution",
    ({ B, H }) => [t(B, 3, H, H), t(8, 3, 16, 16), null, [16, 16], [0, 0], [1, 1], false, [0, 0], 1],
    "B, 8, ((H - 16) // 16) + 1, ((H - 16) // 16) + 1",
  ],
  "a transposed convolution": [
    "convolution",
    ({ B, H }) => [t(B, 8, H), t(8, 4, 4), null, [2], [1], [1], true, [0], 1],
    "B, 4, 2·H",
  ],
  "a pool over everything": [
    "avg_pool2d",
    ({ B, H }) => [t(B, 3, H, H), [H, H], [], [0, 0], false, true, null],
    "B, 3, 1, 1",
  ],
  "a pool that rounds up": [
    "max_pool1d_with_indices",
    ({ H }) => [t(1, 3, H), [3], [2], [0], [1], true],
    "1, 3, ((H - 2) // 2) + 1",
  ],
  "a doubled image": [
    "upsample_nearest2d",
    ({ B, H }) => [t(B, 3, H, H), null, [new Float(2), new Float(2)]],
    "B, 3, 2·H, 2·H",
  ],
  "an image half as large again": [
    "upsample_bilinear2d",
    ({ H }) => [t(1, 3, H, 4), null, false, [new Float(1.5), new Float(1.5)]],
    "1, 3, (3·H // 2), 6",
  ],
  "a padded image": ["constant_pad_nd", ({ B, H }) => [t(B, 3, H, H), [1, 2, 0, H], new Float(0)], "B, 3, 2·H, H + 3"],
  "shuffled pixels": ["pixel_shuffle", ({ B, H }) => [t(B, 12, H, H), 2], "B, 3, 2·H, 2·H"],
  "unfolded windows": ["im2col", ({ B, H }) => [t(B, 3, H, H), [2, 2], [1, 1], [0, 0], [1, 1]], "B, 12, H·H - 2·H + 1"],
  "layer norm's statistics": [
    "native_layer_norm",
    ({ B, T }) => [t(B, T, 8), [8], t(8), t(8), new Float(1e-5)],
    "B, T, 8",
  ],
  "attention over grouped heads": [
    "scaled_dot_product_attention",
    ({ B, T }) => [t(B, 6, T, 8), t(B, 2, T, 8), t(B, 2, T, 8), null, new Float(0), true, null, true],
    "B, 6, T, 8",
  ],
  "embedded tokens": ["embedding", ({ B, T }) => [t(100, 8), makeTensor("int64", [B, T])], "B, T, 8"],
  "an LSTM": [
    "lstm",
    ({ B, T }) => [
      t(B, T, 8),
      [t(1, B, 16), t(1, B, 16)],
      [t(64, 8), t(64, 16)],
      false,
      1,
      new Float(0),
      true,
      false,
      true,
    ],
    "B, T, 16",
  ],
  "a half spectrum": ["_fft_r2c", ({ B, T }) => [t(B, T), [1], 0, true], "B, (T // 2) + 1"],
  "a singular value decomposition": ["linalg_svd", ({ B, T }) => [t(B, T, 8), false], "B, T, min(T, 8)"],
};

const first = { B: 2, T: 6, H: 48 };
const second = { B: 5, T: 7, H: 64 };

describe("sizes with expressions", () => {
  for (const [title, [op, args, shown]] of Object.entries(calls)) {
    const symbols = Object.fromEntries(
      Object.entries(first).map(([name, n]) => [name, scenarioSize(name, n)]),
    ) as Sizes;
    it(`are kept by ${title}`, () => assert.equal(shape(op, args(symbols)).map(showSize).join(", "), shown));
    it(`of ${title} hold in another scenario`, () => {
      const values = new Map(Object.entries(second));
      const found = shape(op, args(symbols)).map((size) => evaluate(expressionOf(size as number), values));
      assert.deepEqual(found, integers(shape(op, args(second))));
    });
  }
});

describe("unknown sizes", () => {
  const unknown = new Unknown("the loader is not at hand");
  const sizes = { B: unknown, T: 6, H: 48 };
  for (const [title, [op, args]] of Object.entries(calls)) {
    it(`leave the other axes of ${title} known`, () => {
      const [known, found] = [shape(op, args(first)), shape(op, args(sizes))];
      assert.deepEqual(
        found.map((size, i) => size instanceof Unknown || size === known[i]),
        found.map(() => true),
      );
      assert(found.some((size) => !(size instanceof Unknown)));
    });
  }
});

/** ATen's `sdp_utils.cpp`; the H200's own choices stand in the table that PyTorch made on it. */
describe("the attention kernel of other GPUs", () => {
  const choice = (dtype: DType, width: number, capability: number, mask = false) => {
    const one = makeTensor(dtype, [2, 6, 40, width]);
    const masked = mask ? makeTensor("bool", [2, 1, 40, 40]) : null;
    const call = { query: one, key: one, value: one, mask: masked, dropout: 0, causal: false, grouped: false };
    return attentionBackend(call, { capability });
  };
  it("is flash for half precision from Ampere on", () => assert.equal(choice("bfloat16", 64, 8), "flash"));
  it("is efficient on Turing", () => assert.equal(choice("float16", 64, 7.5), "efficient"));
  it("is efficient where there is a mask", () => assert.equal(choice("bfloat16", 64, 8, true), "efficient"));
  it("is efficient for heads wider than flash takes", () => assert.equal(choice("bfloat16", 264, 8), "efficient"));
  it("is math where the mask keeps flash away and the width no tensor core", () =>
    assert.equal(choice("float16", 36, 8, true), "math"));
  it("is math for double precision", () => assert.equal(choice("float64", 64, 8), "math"));
});

function shape(op: string, args: readonly Arg[]): readonly Size[] {
  return ([ops.get(`aten.${op}`)?.result(args)].flat()[0] as Made).shape;
}
