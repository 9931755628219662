import assert from "node:assert/strict";
import { type ConfigCost, keyCost } from "../../src/configs/index.ts";

describe("keys of a quantization", () => {
  const config = { model_type: "llama", quantization_config: { quant_method: "gptq", bits: 4, group_size: 128 } };
  const asked: unknown[] = [];
  const weigh = (one: Readonly<Record<string, unknown>>): ConfigCost => {
    const { bits, group_size: group } = one["quantization_config"] as { bits: number; group_size: number };
    asked.push([bits, group]);
    return {
      params: 1,
      attentionParams: 1,
      flops: 1,
      weightBytes: bits + 16 / group,
      kvBytesPerToken: undefined,
    };
  };

  it("are compared at the values that the method packs", () => {
    const cost = keyCost(config, ["quantization_config", "bits"], weigh);
    assert.deepEqual(
      cost?.rows.map(({ value }) => value),
      [2, 3, 4, 8],
    );
    assert.deepEqual(cost?.columns, ["weightBytes"]);
    assert.deepEqual(
      cost?.rows.filter(({ current }) => current).map(({ value }) => value),
      [4],
    );
    assert.deepEqual(asked, [
      [2, 128],
      [3, 128],
      [4, 128],
      [8, 128],
    ]);
    const groups = keyCost(config, ["quantization_config", "group_size"], weigh);
    assert.deepEqual(
      groups?.rows.map(({ value }) => value),
      [32, 64, 128, 256],
    );
  });

  it("cost nothing where the method is not known", () => {
    const other = { ...config, quantization_config: { quant_method: "vptq", bits: 4 } };
    assert.equal(keyCost(other, ["quantization_config", "bits"], weigh), undefined);
  });
});
