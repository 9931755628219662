/** `assay.json` beside a project's code: its own devices, scenario, models and prices, as values that can be used. */
import * as z from "zod";
import type { Span } from "../../base/place.ts";
import { type RuleSeverity, ruleSeverity, type ScenarioChange, scenarioSchemas } from "../../base/settings.ts";
import { type LimitWord, limitSchemas } from "./limits.ts";

export const fileName = "assay.json";

/** What an `assay.json` says. What it says wrongly is left out. */
export interface Project {
  /** Of the file itself. */
  readonly path: string;
  /** Devices of its own, by id. */
  readonly devices: Readonly<Record<string, GivenDevice>>;
  /** In place of the settings' scenario. */
  readonly scenario: ScenarioChange;
  readonly models: readonly ProjectModel[];
  readonly budgets: readonly ProjectBudget[];
  readonly prices: Prices;
  /** Severities by rule id, before the settings'. */
  readonly rules: Readonly<Record<string, RuleSeverity>>;
}

/** A device as a person writes it down; with `like`, what is not said is that device's. */
export type GivenDevice = z.infer<z.ZodObject<typeof deviceSchemas>>;

/** How to build a model of a file and what to call it with. */
export interface ProjectModel extends z.infer<z.ZodObject<typeof modelSchemas>> {
  /** The entry. */
  readonly span: Span;
}

/** What a model may cost at most. */
export interface ProjectBudget extends Omit<z.infer<z.ZodObject<typeof budgetSchemas>>, "limits"> {
  readonly limits: readonly Limit[];
  /** The entry. */
  readonly span: Span;
}

/** At most so much of a figure. */
export interface Limit {
  readonly figure: LimitWord;
  /** In the figure's own unit: elements, FLOPs, bytes or seconds. */
  readonly most: number;
  /** As it is written in the file. */
  readonly written: string;
  readonly span: Span;
}

/** What a device and its power cost. */
export type Prices = z.infer<z.ZodObject<typeof priceSchemas>>;

const positive = z.number().positive();
const text = z.string().min(1);
const rates = ["f64", "f32", "tf32", "bf16", "f16", "f8", "f4", "i8", "i4"] as const;

export const deviceSchemas = {
  like: text.describe("The id of a device of Assay's catalogue that it resembles.").optional(),
  name: text.describe("As people call it.").optional(),
  kind: z
    .enum(["gpu", "apple", "tpu", "accelerator", "phone", "board", "microcontroller", "cpu", "pim", "fpga", "browser"])
    .optional(),
  memoryBytes: positive.describe("All memory that it has for models, in bytes: 80 GB is 80e9.").optional(),
  visibleBytes: positive.describe("Memory that its driver shows to a program, in bytes.").optional(),
  memoryBytesPerSecond: positive.describe("Peak bandwidth of that memory.").optional(),
  flopsPerSecond: z
    .partialRecord(z.enum(rates), positive)
    .describe("Dense peak rates by type, two operations a multiply-add.")
    .optional(),
  vectorFlopsPerSecond: positive.describe("Peak of its general units in fp32.").optional(),
  units: positive.int().describe("Streaming multiprocessors, compute units or cores.").optional(),
  lastLevelCacheBytes: positive.optional(),
  capability: positive.describe("CUDA compute capability, such as 8.9.").optional(),
  contextBytes: z.number().nonnegative().describe("What a process takes before its first tensor.").optional(),
  powerWatts: positive.describe("Board power.").optional(),
  interconnect: z
    .object({ name: text, bytesPerSecond: positive })
    .describe("To its like in one machine, per direction.")
    .optional(),
  flashBytes: positive.describe("Read-only program memory, on microcontrollers.").optional(),
  remarks: text.describe("Where the figures come from.").optional(),
};

/** A scenario's values, each of which may be absent. */
export const partialScenarioSchemas = Object.fromEntries(
  Object.entries(scenarioSchemas).map(([key, schema]) => [key, schema.optional()]),
) as { [Key in keyof typeof scenarioSchemas]: z.ZodOptional<(typeof scenarioSchemas)[Key]> };

export const modelSchemas = {
  file: text.describe("The Python file, relative to this one."),
  model: text.describe("The expression that builds it: GPT(GPTConfig())."),
  inputs: z
    .union([z.array(text), z.record(z.string(), text)])
    .describe('What forward is called with, in order or by name: ["int64[B, T]"]. Absent: what its first layers take.')
    .optional(),
  name: text.describe("How to call it, where a file's class is weighed more than once.").optional(),
  scenario: z.object(partialScenarioSchemas).describe("In place of the project's scenario.").optional(),
};

export const budgetSchemas = {
  file: text.describe("The Python file or config.json, relative to this one."),
  model: text
    .describe("The model, by its class or by the name of its entry. Absent: each model of the file.")
    .optional(),
  scenario: z
    .object(partialScenarioSchemas)
    .describe("What it is weighed for, before the project's and the entry's scenario.")
    .optional(),
  limits: z
    .object(limitSchemas)
    .describe('What each figure may be at most: {"peak": "24GB", "params": "130M", "time": "100ms"}.'),
};

export const priceSchemas = {
  currency: text.describe("Written behind amounts, such as EUR.").optional(),
  electricityPerKwh: z.number().nonnegative().describe("The price of one kilowatt-hour.").optional(),
  perHour: z
    .record(z.string(), z.number().nonnegative())
    .describe("What an hour of a device costs, by its id.")
    .optional(),
};

/** The whole file, as editors are told it. */
export const projectSchema = z.object({
  $schema: z.string().optional(),
  devices: z
    .record(z.string(), z.object(deviceSchemas))
    .describe("Devices that Assay does not know, by an id in kebab-case.")
    .optional(),
  scenario: z
    .object(partialScenarioSchemas)
    .describe("What models are weighed for, in place of the settings.")
    .optional(),
  models: z.array(z.object(modelSchemas)).describe("How models are built and called.").optional(),
  budgets: z
    .array(z.object(budgetSchemas))
    .describe("What models may cost at most; a broken budget is an error, and `assay check` fails.")
    .optional(),
  prices: z.object(priceSchemas).describe("What running costs.").optional(),
  rules: z
    .record(z.string(), ruleSeverity)
    .describe('Severities by finding, before the settings: {"unfused-attention": "off"}.')
    .optional(),
});

/** The JSON schema of `assay.json`, which editors complete and check it by. */
export function projectJsonSchema(): object {
  const schema = z.toJSONSchema(projectSchema, { io: "input" });
  return { ...schema, title: "Assay's project file", allowComments: true, allowTrailingCommas: true };
}
