/** What a model is weighed for: device, phase and sizes. Named as in the settings. */
export interface Scenario {
  /** A device profile's id. */
  readonly device: string;
  /** One forward pass, one token per sequence with a filled KV cache, or one optimizer step. */
  readonly phase: "prefill" | "decode" | "train";
  readonly batch: number;
  readonly sequence: number;
  readonly imageSize: number;
  /** Of weights and activations. */
  readonly dtype: ScenarioDtype;
  /** Of the KV cache; `undefined`: as dtype. */
  readonly kvDtype?: ScenarioDtype | undefined;
  readonly optimizer: "adamw" | "adamw-foreach" | "adamw-8bit" | "sgd" | "sgd-momentum" | "adafactor" | "lion" | "muon";
}

export type ScenarioDtype = "fp32" | "bf16" | "fp16" | "fp8" | "int8" | "int4";

export const defaultScenario: Scenario = {
  device: "nvidia-rtx-4090-24gb",
  phase: "prefill",
  batch: 1,
  sequence: 1024,
  imageSize: 224,
  dtype: "fp32",
  optimizer: "adamw",
};

/** Bytes of one element. */
export function scenarioItemBytes(dtype: ScenarioDtype): number {
  return { fp32: 4, bf16: 2, fp16: 2, fp8: 1, int8: 1, int4: 0.5 }[dtype];
}

/** `B1 T1024 · bf16`: the scenario in a few characters. */
export function showScenario({ batch, sequence, imageSize, dtype }: Scenario, uses: { sequence: boolean; image: boolean }): string {
  const sizes = [`B${batch}`, ...(uses.sequence ? [`T${sequence}`] : []), ...(uses.image ? [`${imageSize}²`] : [])];
  return `${sizes.join(" ")} · ${dtype}`;
}
