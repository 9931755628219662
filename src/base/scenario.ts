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

/** What is asked for: `auto` takes the type that the model's config names, else fp32. */
export type AskedScenario = Omit<Scenario, "dtype"> & { readonly dtype: ScenarioDtype | "auto" };

export type ScenarioDtype = "fp32" | "bf16" | "fp16" | "fp8" | "int8" | "int4";

export const defaultScenario: AskedScenario = {
  device: "nvidia-rtx-4090-24gb",
  phase: "prefill",
  batch: 1,
  sequence: 1024,
  imageSize: 224,
  dtype: "auto",
  optimizer: "adamw",
};

/** The scenario with its type decided. `named` is what the model's config says, as PyTorch or a config spells it. */
export function decided(asked: AskedScenario, named?: unknown): Scenario {
  return { ...asked, dtype: asked.dtype === "auto" ? (spellings[String(named)] ?? "fp32") : asked.dtype };
}

const spellings: Readonly<Record<string, ScenarioDtype>> = {
  float32: "fp32",
  bfloat16: "bf16",
  float16: "fp16",
  fp32: "fp32",
  bf16: "bf16",
  fp16: "fp16",
};

/** Bytes of one element. */
export function scenarioItemBytes(dtype: ScenarioDtype): number {
  return { fp32: 4, bf16: 2, fp16: 2, fp8: 1, int8: 1, int4: 0.5 }[dtype];
}

/** `B1 T1024 · bf16`: the scenario in a few characters; a type that the model decides is left out. */
export function showScenario(
  { batch, sequence, imageSize, dtype }: AskedScenario,
  uses: { sequence: boolean; image: boolean },
): string {
  const sizes = [
    `B${batch}`,
    ...(uses.sequence ? [`T${sequence}`] : []),
    ...(uses.image ? [`${imageSize}²`] : []),
  ].join(" ");
  return dtype === "auto" ? sizes : `${sizes} · ${dtype}`;
}
