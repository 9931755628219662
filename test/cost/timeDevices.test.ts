/** Times of one model on every device of the catalogue. */
import devices from "every:devices";
import assert from "node:assert/strict";
import { Unknown } from "../../src/base/unknown.ts";
import type { TimeReport } from "../../src/cost/report.ts";
import { timeOf } from "../../src/cost/time/timeOf.ts";
import { type MeasuredModel, scenarioOf, tracedModel } from "../support/timing.ts";

const row: MeasuredModel = {
  row: "model",
  name: "llama",
  phase: "prefill",
  batch: 4,
  sequence: 1024,
  dtype: "fp32",
  loop_ms: 0,
  host_ms: 0,
  request: {
    model: "from_config(LlamaForCausalLM)",
    kwargs: { input_ids: "int64[4,1024]", use_cache: false },
    config: {
      model_type: "llama",
      architectures: ["LlamaForCausalLM"],
      vocab_size: 32000,
      hidden_size: 2048,
      intermediate_size: 5632,
      num_hidden_layers: 4,
      num_attention_heads: 32,
      num_key_value_heads: 8,
    },
  },
};

describe("times on every device", () => {
  const times = new Map<string, TimeReport>();
  const half = new Map<string, TimeReport>();
  before(() => {
    for (const [dtype, found] of [
      ["fp32", times],
      ["fp16", half],
    ] as const) {
      const one = { ...row, dtype } as MeasuredModel;
      const trace = tracedModel(one, "");
      assert.ok(typeof trace !== "string", String(trace));
      const scenario = scenarioOf(one);
      for (const { record } of devices) found.set(record.id, timeOf(trace, { device: record, scenario }));
    }
  });

  it("are numbers in their interval, and unknown only where nobody prints how fast it multiplies", () => {
    for (const { record } of devices) {
      const { seconds, eagerSeconds, interval, remarks } = times.get(record.id) as TimeReport;
      if (seconds instanceof Unknown) {
        assert.deepEqual(record.flopsPerSecond, {}, record.id);
        continue;
      }
      const [low = 0, high = 0] = interval ?? [];
      assert.ok(seconds > 0 && low < seconds && seconds < high && high < 3 * seconds, record.id);
      assert.ok(typeof eagerSeconds === "number" && eagerSeconds >= seconds && eagerSeconds < 1e6, record.id);
      assert.equal(remarks.length, record.curves === undefined ? 1 : 0, record.id);
      // A device that nobody measured errs by a third at least, either way.
      if (record.curves === undefined) assert.ok(high - low > 0.6 * seconds, record.id);
    }
  });

  it("are never shorter than the multiply-adds take at the peak, nor fifty times as long", () => {
    for (const reports of [times, half]) {
      for (const [id, { seconds, modelFlops, peakFlopsPerSecond }] of reports) {
        if (seconds instanceof Unknown) continue;
        const share = modelFlops / peakFlopsPerSecond / seconds;
        assert.ok(share > 0.02 && share < 1, `${id} reaches ${share} of its peak`);
      }
    }
  });

  for (const ids of [
    [
      "nvidia-b200-sxm-180gb",
      "nvidia-h200-sxm-141gb",
      "nvidia-h100-pcie-80gb",
      "nvidia-a100-sxm-80gb",
      "nvidia-v100-sxm-32gb",
      "nvidia-t4-16gb",
    ],
    ["nvidia-h200-sxm-141gb", "nvidia-h100-sxm-80gb", "nvidia-l40s-48gb", "nvidia-l4-24gb", "nvidia-t4-16gb"],
    ["nvidia-rtx-5090-32gb", "nvidia-rtx-4090-24gb", "nvidia-rtx-3090-24gb", "nvidia-rtx-4060-8gb"],
    [
      "nvidia-jetson-agx-orin-64gb",
      "nvidia-jetson-agx-orin-32gb",
      "nvidia-jetson-orin-nx-16gb",
      "nvidia-jetson-orin-nano-8gb",
      "nvidia-jetson-orin-nano-4gb",
    ],
    [
      "apple-m4-max-128gb",
      "apple-m4-pro-64gb",
      "apple-m4-32gb",
      "apple-m1-16gb",
      "apple-iphone-12-4gb",
      "st-stm32h743-1mb",
      "st-stm32f412-256kb",
    ],
    ["google-tpu-v5p-95gb", "google-tpu-v5e-16gb"],
  ]) {
    it(`fall from ${ids[0]} to ${ids.at(-1)}`, () => {
      const seconds = ids.map((id) => half.get(id)?.seconds);
      for (const [i, one] of seconds.entries())
        if (i > 0) assert.ok((one as number) > (seconds[i - 1] as number), `${ids[i]}: ${seconds.join(" ")}`);
    });
  }
});
