import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { deviceOf } from "../../src/cost/deviceList.ts";
import { rounded } from "../../src/cost/memory/allocator.ts";
import { machineOf } from "../../src/cost/memory/machine.ts";
import { workspaceBytes } from "../../src/cost/memory/workspaces/workspaces.ts";
import type { Op } from "../../src/ops/op.ts";
import { type DType, isDType } from "../../src/tensor/dtype.ts";
import { denseBytes, Storage, type Tensor } from "../../src/tensor/tensor.ts";
import type { Operation } from "../../src/trace/trace.ts";

/** A tensor as `memory_log.py` writes it. */
type Logged = readonly [dtype: string, shape: readonly number[], strides: readonly number[] | null];
/** Part, name, bytes freed before, bytes that stay, bytes at most, arguments, results. */
type Line = readonly [string, string, number, number, number, readonly unknown[], unknown];

const lines = gunzipSync(readFileSync("test/oracle/memory_ops.jsonl.gz"))
  .toString()
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as { case?: string; operations?: readonly Line[] })
  .flatMap(({ case: name, operations }) =>
    name === undefined ? [] : (operations ?? []).map((line) => ({ name, line })),
  )
  .filter(({ line }) => line.length === 7);

const machine = machineOf(deviceOf("nvidia-h200-sxm-141gb"));
let made = 0;

function isLogged(value: unknown): value is Logged {
  return Array.isArray(value) && value.length === 3 && typeof value[0] === "string" && isDType(value[0]);
}

function tensor([dtype, shape, strides]: Logged): Tensor {
  const bytes = denseBytes(shape, dtype as DType) as number;
  return {
    shape,
    strides,
    dtype: dtype as DType,
    storage: new Storage(made++, bytes, "activation", "cuda"),
    requiresGrad: false,
  };
}

/** The operation as a trace has it. */
function event(name: string, [, , , , , args, out]: Line): Operation {
  const outputs = (isLogged(out) ? [out] : ((out as readonly unknown[]) ?? []).filter(isLogged)).map(tensor);
  const given = args.map((arg) => (isLogged(arg) ? tensor(arg) : (arg as number)));
  return {
    kind: "operation",
    index: 0,
    name: `aten.${name}`,
    inputs: [],
    outputs,
    macs: 0,
    bytesRead: 0,
    bytesWritten: 0,
    work: 0,
    made: [],
    saved: [],
    workspaceBytes: 0,
    detail: undefined,
    pass: "forward",
    call: { op: { name, result: () => [] } as Op, args: given as Tensor[], out: outputs, inPlace: false },
    module: 0,
    at: undefined,
  };
}

const measured = ([, , , stays, most]: Line) => most - Math.max(stays, 0);

describe("operations take while they run what PyTorch's take on an H200", () => {
  it("sums and means: exactly", () => {
    const found = lines.filter(({ line }) => /^(sum|mean)\./.test(line[1]));
    assert(found.length >= 25, `${found.length} sums`);
    for (const { name, line } of found)
      assert.equal(
        workspaceBytes(event(line[1].split(".")[0] as string, line), machine),
        measured(line),
        `${name} ${line[5]}`,
      );
  });

  it("rolls over two axes and element-wise losses: within their few statistics", () => {
    for (const { name, line } of lines.filter(({ line }) =>
      /^(roll|mse_loss|binary_cross_entropy_with_logits)\./.test(line[1]),
    )) {
      const got = workspaceBytes(event(line[1].split(".")[0] as string, line), machine);
      assert(Math.abs(got - measured(line)) <= 8192, `${name}: ${got}, but ${measured(line)}`);
    }
  });

  for (const [part, share, within] of [
    ["convolution", 0.85, 0.25],
    ["convolution_backward", 0.7, 0.4],
  ] as const) {
    it(`${part}s: ${share * 100} % within 2 MiB or a tenth, all together within ${within * 100} %`, () => {
      const found = lines.filter(({ line, name }) => line[1] === `${part}.default` && !name.includes("transpose"));
      assert(found.length >= 80);
      let near = 0;
      let off = 0;
      let all = 0;
      for (const { line } of found) {
        const args =
          part === "convolution" ? line : ([...line.slice(0, 5), line[5].slice(0, 3), line[6]] as unknown as Line);
        const got = rounded(workspaceBytes(event(part, args), machine));
        const error = Math.abs(got - measured(line));
        if (error <= Math.max(2 * 2 ** 20, 0.1 * measured(line))) near++;
        off += error;
        all += measured(line);
      }
      assert(near >= share * found.length, `${near} of ${found.length}`);
      assert(off <= within * all, `${off} of ${all} bytes`);
    });
  }
});
