import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { Outline, Settings, Weight } from "../../src/configs/quantization/quantization.ts";
import { quantizationOf, tensorBytes } from "../../src/configs/quantized.ts";

/** Layers packed by real PyTorch, and unpacked again. */
interface Row {
  readonly settings: Settings;
  readonly outputs: number;
  readonly inputs: number;
  readonly tensors: readonly (readonly [name: string, dtype: string, shape: readonly number[]])[];
  readonly bytes: number;
}

const rows = readFileSync("test/oracle/quantization.jsonl", "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as Row);

const model: Outline = { modelType: "llama", usuallyKept: ["lm_head"], keptWide: [], separateExperts: false };

describe("a layer is stored in the tensors that packing it gives", () => {
  const methods = new Map<string, Row[]>();
  for (const row of rows) {
    const method = String(row.settings["quant_method"] ?? "bitsandbytes");
    methods.set(method, [...(methods.get(method) ?? []), row]);
  }
  for (const [method, own] of methods)
    it(`${method}: ${own.length} layers`, () => {
      for (const { settings, outputs, inputs, tensors, bytes } of own) {
        const scheme = quantizationOf({ quantization_config: settings })?.scheme;
        const weight: Weight = {
          path: "model.layers.0.mlp.up_proj",
          kind: "linear",
          className: "Linear",
          plain: true,
          matrices: 1,
          outputs,
          inputs,
          dtype: "bfloat16",
        };
        const stored = scheme?.stored(weight, model);
        assert(typeof stored === "object");
        const shown = stored.tensors.filter((one) => !one.fileOnly);
        assert.deepEqual(
          shown.map(({ name, dtype, shape }) => [name, dtype, shape]),
          tensors,
          `${JSON.stringify(settings)} of ${outputs} × ${inputs}`,
        );
        assert.equal(
          shown.reduce((sum, one) => sum + tensorBytes(one), 0),
          bytes,
        );
      }
    });
});
