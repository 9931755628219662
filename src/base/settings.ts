/** The settings under `assay.` and how they are read: a key that is wrong falls back alone. */
import { z } from "zod";
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
      data: size.optional(),
      tensor: size.optional(),
      pipeline: size.optional(),
      expert: size.optional(),
      context: size.optional(),
      zero: z.union([z.literal(0), z.literal(1), z.literal(2), z.literal(3)]).optional(),
      shard: size.optional(),
      engine: z.enum(["pytorch", "deepspeed", "megatron"]).optional(),
      masterWeights: z.boolean().optional(),
      offload: z.enum(["optimizer", "parameters"]).optional(),
      schedule: z.enum(["gpipe", "1f1b", "interleaved", "zero-bubble"]).optional(),
      chunks: size.optional(),
      microbatches: size.optional(),
      sequenceParallel: z.boolean().optional(),
      contextMethod: z.enum(["ring", "ulysses"]).optional(),
      perMachine: size.optional(),
      interconnect: z.string().min(1).optional(),
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
