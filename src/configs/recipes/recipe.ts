/** Training recipes in YAML: what they train, and with what; read as part of a scenario. */
import type { AppliedTechnique, AskedScenario, Parallel } from "../../base/scenario.ts";
import { type Reading, readDeepSpeed, withoutUndefined } from "../engines/deepspeed.ts";
import type { Keys, Table } from "../engines/keys.ts";
import { optimizerOf } from "../engines/optimizers.ts";

export type Open<T> = { -readonly [key in keyof T]: T[key] };

/** A recipe as it is read: the scenario so far, and the keys that are left. */
export interface Draft {
  readonly keys: Keys;
  readonly change: Open<Partial<AskedScenario>>;
  readonly parallel: Open<Parallel>;
}

/** What stands around a recipe: the tables of files that it names, and how many devices the launcher starts. */
export interface Beside {
  readonly other: (path: string) => Table | undefined;
  readonly devices?: number | undefined;
}

/** A recipe's reading: a scenario, and the model that it trains as it names it. */
export interface RecipeReading extends Reading {
  /** A folder, or a name of the hub; undefined where the recipe does not say it. */
  readonly model: string | undefined;
}

/** Samples of a step from those of a rank's pass, the passes of a step, and the ranks. */
export function setBatch(
  { change, parallel }: Draft,
  each: number | undefined,
  passes: number | undefined,
  devices: number | undefined,
): void {
  const others = (parallel.tensor ?? 1) * (parallel.context ?? 1) * (parallel.pipeline ?? 1);
  const data = parallel.data ?? (devices === undefined ? 1 : Math.max(1, Math.floor(devices / others)));
  if (data > 1) parallel.data = data;
  change.batch = (each ?? 1) * data;
  if (passes !== undefined) change.gradientAccumulation = passes;
}

/** An optimizer by the names of transformers' Trainer: `adamw_torch_fused`, `paged_adamw_8bit`. */
export function setOptimizer({ keys, change }: Draft, key: string, name: string | undefined): void {
  if (name === undefined) return;
  const plain = name.replace(/^paged_/, "").replace(/_32bit$|_torch(_npu_fused)?$|_torch_fused$|_anyprecision$/, "");
  const named = /8bit/.test(plain) && /adam/.test(plain) ? "adamw-8bit" : optimizerOf(plain.replace(/_bnb_|_hf$/, ""));
  if (!named) return keys.ignore(key, `${name} is not modelled`);
  change.optimizer = named;
  keys.understand(key, `${named}${name.startsWith("paged_") ? ", its pages counted as memory" : ""}`);
}

/** What an adapter is, as a technique of the catalogue; `targets` as the recipe lists them. */
export function adapterOf(
  { keys }: Draft,
  {
    key,
    name,
    rank,
    targets,
    fourBit,
  }: {
    readonly key: string;
    readonly name: string;
    readonly rank: number | undefined;
    readonly targets: readonly string[] | "all";
    readonly fourBit: boolean;
  },
): AppliedTechnique | undefined {
  if (!/^q?lora$/.test(name)) return void keys.ignore(key, `${name} is not modelled as an adapter`);
  const id = fourBit ? "qlora" : "lora";
  const where = targetsOf(targets);
  keys.understand(
    key,
    `${fourBit ? "QLoRA" : "LoRA"}${rank === undefined ? "" : ` of rank ${rank}`} on ${where === "all" ? "all linear layers" : where}`,
  );
  return { id, knobs: { ...(rank !== undefined && { rank }), targets: where } };
}

/** Names of projections as the part of a block that they belong to. */
function targetsOf(targets: readonly string[] | "all"): "all" | "attention" | "mlp" {
  if (targets === "all" || targets.length === 0) return "all";
  const inAttention = targets.filter((one) =>
    /^(q|k|v|o|qkv|out|query|key|value|c_attn|W?qkv|output)(_proj)?$|attn/.test(one),
  );
  if (inAttention.length === targets.length) return "attention";
  return inAttention.length === 0 ? "mlp" : "all";
}

/** A DeepSpeed file that a recipe names goes below what the recipe itself says. */
export function withDeepSpeed({ keys, change, parallel }: Draft, key: string, beside: Beside): void {
  const named = keys.value(key);
  if (typeof named !== "string") return;
  const table = beside.other(named);
  if (!table) return keys.ignore(key, `${named} cannot be read here`);
  const read = readDeepSpeed(table, beside.devices);
  keys.understand(key, `${named}: ZeRO-${read.change.parallel?.zero ?? 0}`);
  Object.assign(parallel, withoutUndefined({ ...read.change.parallel, ...withoutUndefined(parallel) }));
  if (read.change.dtype !== undefined) change.dtype ??= read.change.dtype;
}

export function finished({ keys, change, parallel }: Draft, model: unknown): RecipeReading {
  keys.rest();
  const shared = withoutUndefined(parallel);
  return {
    change: { ...change, ...(Object.keys(shared).length > 0 && { parallel: shared }) },
    keys,
    model: typeof model === "string" ? model : undefined,
  };
}
