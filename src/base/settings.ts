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
};

/** Part of a scenario, as a person changes it. */
export const scenarioChangeSchema = z.object(scenarioSchemas).partial();
export type ScenarioChange = z.infer<typeof scenarioChangeSchema>;

const ruleSeverity = z.enum(["error", "warning", "information", "hint", "off"]);
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
  const problems: string[] = [];
  const given = asRecord(raw);
  const read = (values: Record<string, unknown>, schemas: Record<string, z.ZodType>, prefix: string) => {
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
  };
  const scenario = { ...defaultScenario, ...read(asRecord(given.scenario), scenarioSchemas, "assay.scenario.") };
  return { settings: { ...defaultSettings, ...read(given, otherSchemas, "assay."), scenario }, problems };
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
