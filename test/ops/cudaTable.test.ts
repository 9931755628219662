/** Every row of the table that PyTorch on a CUDA device made: shapes, dtypes, strides, bytes kept and multiply-adds. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Unknown } from "../../src/base/unknown.ts";
import { ops } from "../../src/ops/catalogue.ts";
import { type Arg, type Made, type Op, Refused } from "../../src/ops/op.ts";
import { type DType, isComplex, isFloating, itemBytes } from "../../src/tensor/dtype.ts";
import { Float } from "../../src/tensor/scalar.ts";
import { integer, integers, type Size } from "../../src/tensor/size.ts";
import { denseBytes, isContiguous, isTensor, Storage, type Tensor } from "../../src/tensor/tensor.ts";

const table = "test/oracle/ops_cuda.tsv";

describe(`operations as in ${table}`, () => {
  const byName = new Map<string, string[][]>();
  for (const line of readFileSync(table, "utf8").trimEnd().split("\n").slice(1)) {
    const [name = "", ...rest] = line.split("\t");
    byName.set(name, [...(byName.get(name) ?? []), rest]);
  }
  for (const [name, rows] of byName) {
    it(`${name}: ${rows.length} rows`, () => {
      const op = ops.get(name);
      assert(op, `there is no ${name}`);
      const wrong = rows.flatMap((row) => difference(op, row));
      if (wrong.length > 0) assert.fail(wrong.join("\n"));
    });
  }
});

/** What a row says against what the record gives; nothing where they agree. */
function difference(op: Op, [json = "", outputs = "", saved = "", macs = ""]: string[]): string[] {
  const args = (JSON.parse(json) as unknown[]).map(readArg);
  try {
    const made = [op.result(args)].flat() as Made[];
    if (outputs === '"refused"') return [`${json}\n    is not refused`];
    const inputs = args.flat(2).filter(isTensor);
    const outs = made.map((one) => tensor(one.dtype, one.shape, one.strides ?? null, storageOf(one)));
    const found = outs.map(({ dtype, shape, strides }) => [
      dtype,
      shape.map(shown),
      isContiguous(shape, strides) ? null : strides,
    ]);
    const needs = args.map((arg) => [arg].flat().some((one) => isTensor(one) && one.requiresGrad));
    const trained =
      inputs.some((one) => one.requiresGrad) && outs.some((one) => isFloating(one.dtype) || isComplex(one.dtype));
    const facts: [string, string, string][] = [
      ["gives", JSON.stringify(found), found.flat(2).includes("?") ? outputs.replace(/\[\d+\]/, '["?"]') : outputs],
      ["keeps", String(trained ? keptBytes(op, args, outs, needs) : 0), saved],
      ["multiplies", String(op.macs?.(args, outs) ?? 0), macs === "?" ? String(op.macs?.(args, outs) ?? 0) : macs],
    ];
    return facts.flatMap(([verb, ours, theirs]) =>
      ours === theirs ? [] : [`${json}\n    ${verb} ${ours}\n    not   ${theirs}`],
    );
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return outputs === '"refused"' ? [] : [`${json}\n    is refused: ${error.message}`];
  }
}

/** A size that depends on the data stands for any. */
function shown(size: Size): number | string {
  return size instanceof Unknown ? "?" : integer(size);
}

function keptBytes(op: Op, args: readonly Arg[], outs: readonly Tensor[], needs: readonly boolean[]): number {
  const storages = new Set<Storage>();
  let bytes = 0;
  for (const one of op.saves?.(args, outs, needs) ?? []) {
    if (!one) continue;
    if ("extraBytes" in one) bytes += one.extraBytes as number;
    else storages.add(one.storage);
  }
  for (const storage of storages) bytes += storage.bytes as number;
  return bytes;
}

const dtypes: Record<string, DType> = {
  f32: "float32",
  f64: "float64",
  f16: "float16",
  bf16: "bfloat16",
  i64: "int64",
  i32: "int32",
  u8: "uint8",
  c64: "complex64",
};

/** An argument from its JSON: objects are tensors and floats, the rest stands for itself. */
function readArg(json: unknown): Arg {
  if (Array.isArray(json)) return json.map(readArg) as Arg;
  if (typeof json !== "object" || json === null) return json as Arg;
  if ("float" in json) return new Float(Number(json.float));
  const { dtype, shape, strides, grad, data } = json as TensorText;
  const type = dtypes[dtype] ?? (dtype as DType);
  return { ...tensor(type, shape, strides ?? null), requiresGrad: grad === true, data };
}

interface TensorText {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly strides?: readonly number[];
  readonly grad?: boolean;
  readonly data?: readonly number[];
}

let storages = 0;

function storageOf({ sharing, storageBytes }: Made): Storage | undefined {
  if (sharing) return sharing.storage;
  return storageBytes === undefined ? undefined : new Storage(++storages, storageBytes, "activation", "cuda");
}

function tensor(dtype: DType, shape: Made["shape"], strides: readonly number[] | null, storage?: Storage): Tensor {
  if (shape.some((size) => size instanceof Unknown)) return { ...tensor(dtype, [0], null), shape };
  const known = integers(shape);
  const reach = strides ? known.reduce((end, n, i) => end + (n - 1) * (strides[i] ?? 0), 1) * itemBytes(dtype) : 0;
  const bytes = strides && !known.includes(0) ? reach : denseBytes(shape, dtype);
  return {
    shape,
    strides,
    dtype,
    storage: storage ?? new Storage(++storages, bytes, "input", "cuda"),
    requiresGrad: false,
  };
}
