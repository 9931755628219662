/** The settings under `assay.` and how they are read: a key that is wrong falls back alone. */
import * as z from "zod";
import { type AskedScenario, defaultScenario } from "./scenario.ts";

const dtype = z.enum(["fp32", "bf16", "fp16", "fp8", "int8", "int4"]);
const askedDtype = z.enum(["auto", ...dtype.options]);
const size = z.number().int().positive();

/** Each of a scenario's values by its name. */
export const scenarioSchemas = {
  device: z.string().min(1),
  phase: z.enum(["prefill", "decode", "train"]),
  batch: size,
  sequence: size,
  imageSize: size,
  dtype: askedDtype,
  kvDtype: dtype.optional(),
  optimizer: z.enum(["adamw", "adamw-foreach", "adamw-8bit", "sgd", "sgd-momentum", "adafactor", "lion", "muon"]),
  attention: z.enum(["eager", "sdpa", "flash", "math", "efficient", "cudnn"]).optional(),
  autocast: z.enum(["bf16", "fp16"]).optional(),
  checkpointing: z.boolean().optional(),
  compile: z.boolean().optional(),
  gradientAccumulation: size.optional(),
  runtime: z.enum(["minimal", "transformers", "vllm", "llama.cpp"]).optional(),
  parallel: z
    .object({
      data: size.describe("Ranks that each take a part of the batch.").optional(),
      tensor: size.describe("Ranks that share every layer's products.").optional(),
      pipeline: size.describe("Stages that the layers are spread over.").optional(),
      expert: size.describe("Ranks that the experts are spread over; they are data ranks.").optional(),
      context: size.describe("Ranks that each take a part of the sequence.").optional(),
      zero: z
        .union([z.literal(0), z.literal(1), z.literal(2), z.literal(3)])
        .describe("ZeRO's stage; FSDP's full sharding is 3, its SHARD_GRAD_OP 2.")
        .optional(),
      shard: size
        .describe("Ranks that share one sharded copy, all data ranks by default; fewer is HYBRID_SHARD.")
        .optional(),
      engine: z
        .enum(["pytorch", "deepspeed", "megatron"])
        .describe("Whose sharding and buffers: PyTorch's DDP and FSDP (default), DeepSpeed's ZeRO or Megatron's.")
        .optional(),
      masterWeights: z.boolean().describe("fp32 weights and optimizer state beside weights in `dtype`.").optional(),
      offload: z
        .enum(["optimizer", "parameters"])
        .describe("What lies in the host's memory; parameters take the optimizer's state along.")
        .optional(),
      schedule: z
        .enum(["gpipe", "1f1b", "interleaved", "zero-bubble"])
        .describe("A pipeline's order of work, 1F1B by default.")
        .optional(),
      chunks: size.describe("Chunks of layers on each stage of an interleaved schedule, 2 by default.").optional(),
      microbatches: size
        .describe("Parts that a pipeline cuts a rank's batch into, one sample each by default.")
        .optional(),
      sequenceParallel: z
        .boolean()
        .describe("Megatron's: what lies between split products is split along the sequence.")
        .optional(),
      contextMethod: z
        .enum(["ring", "ulysses"])
        .describe("How a context-parallel group exchanges attention's inputs, a ring by default.")
        .optional(),
      perMachine: size.describe("Devices in one machine, which talk over the device's own link.").optional(),
      interconnect: z
        .string()
        .min(1)
        .describe("What machines talk over, such as `infiniband-ndr`; the device's own link by default.")
        .optional(),
    })
    .optional(),
  techniques: z
    .array(
      z.object({
        id: z.string().min(1),
        knobs: z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])).optional(),
      }),
    )
    .optional(),
};

/** Part of a scenario, as a person changes it. */
export const scenarioChangeSchema = z.object(scenarioSchemas).partial();
export type ScenarioChange = z.infer<typeof scenarioChangeSchema>;

export const ruleSeverity = z.enum(["error", "warning", "information", "hint", "off"]);
export type RuleSeverity = z.infer<typeof ruleSeverity>;

export interface Settings {
  readonly scenario: AskedScenario;
  /** Folders with the sources of installed libraries, before those that are found. */
  readonly libraryPaths: readonly string[];
  readonly units: "GB" | "GiB";
  /** Whether shapes stand in the text, only in hovers, or nowhere. */
  readonly inlayHints: "on" | "hover" | "off";
  readonly codeLens: boolean;
  /** Severities by rule id, in place of the rules' own. */
  readonly rules: Readonly<Record<string, RuleSeverity>>;
}

export const defaultSettings: Settings = {
  scenario: defaultScenario,
  libraryPaths: [],
  units: "GB",
  inlayHints: "on",
  codeLens: true,
  rules: {},
};

/** The settings outside the scenario by their name. */
export const otherSchemas = {
  libraryPaths: z.array(z.string()),
  units: z.enum(["GB", "GiB"]),
  inlayHints: z.enum(["on", "hover", "off"]),
  codeLens: z.boolean(),
  rules: z.record(z.string(), ruleSeverity),
};

/** The settings from whatever the editor gives, and a sentence for each value that cannot be used. */
export function readSettings(raw: unknown): { settings: Settings; problems: string[] } {
  const given = asRecord(raw);
  const { scenario, problems } = readScenario(given.scenario, "assay.scenario.");
  return { settings: { ...defaultSettings, ...read(given, otherSchemas, "assay.", problems), scenario }, problems };
}

/** A scenario from whatever is given over the defaults, and a sentence for each value that cannot be used. */
export function readScenario(raw: unknown, prefix: string): { scenario: AskedScenario; problems: string[] } {
  const problems: string[] = [];
  return { scenario: { ...defaultScenario, ...read(asRecord(raw), scenarioSchemas, prefix, problems) }, problems };
}

/** The values that can be used, by key. */
function read(
  values: Record<string, unknown>,
  schemas: Record<string, z.ZodType>,
  prefix: string,
  problems: string[],
): Record<string, unknown> {
  const good: Record<string, unknown> = {};
  for (const [key, schema] of Object.entries(schemas)) {
    const value = values[key];
    // An editor gives null, or empty text, for a key that has no value.
    if (value === undefined || value === null || value === "") continue;
    const result = schema.safeParse(value);
    if (result.success) good[key] = result.data;
    else problems.push(`${prefix}${key}: ${result.error.issues[0]?.message ?? "not usable"}; the default is used.`);
  }
  return good;
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
