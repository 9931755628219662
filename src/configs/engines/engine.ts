/** Training engines' own configuration files and training recipes, read as part of a scenario. */
import { parse as parseToml, TomlError } from "smol-toml";
import { parseDocument } from "yaml";
import type { AskedScenario } from "../../base/scenario.ts";
import { readJson } from "../read.ts";
import { isAxolotl, readAxolotl } from "../recipes/axolotl.ts";
import { isLlamaFactory, readLlamaFactory } from "../recipes/llamaFactory.ts";
import type { Beside } from "../recipes/recipe.ts";
import { isTorchtune, readTorchtune } from "../recipes/torchtune.ts";
import { readAccelerate } from "./accelerate.ts";
import { type Reading, readDeepSpeed } from "./deepspeed.ts";
import { isGeneration, readGeneration } from "./generation.ts";
import { asTable, type KeyNote, type Table } from "./keys.ts";
import { readTorchtitan } from "./torchtitan.ts";

/** What a configuration can be written for. */
export type Engine = "deepspeed" | "accelerate" | "torchtitan";

/** What a configuration can be read of. */
export type Source = Engine | "generation" | "axolotl" | "llama-factory" | "torchtune";

export interface EngineReading {
  readonly engine: Source;
  /** The model that a recipe trains: a folder, or a name of the hub. */
  readonly model?: string | undefined;
  /** What the file sets of a scenario. */
  readonly change: Partial<AskedScenario>;
  readonly understood: readonly KeyNote[];
  /** What it says and the scenario does not take over, with the reason. */
  readonly ignored: readonly KeyNote[];
}

/** What stands around a file. */
export interface Around {
  /** How many devices the launcher starts, where the file does not say it. */
  readonly devices?: number | undefined;
  /** The text of a file that this one names, by its path as written. */
  readonly text?: ((path: string) => string | undefined) | undefined;
}

/** Why a file is no engine's configuration, in one sentence. */
export interface EngineRefusal {
  readonly fault: string;
}

/** The reading of a file's text; `path` tells its language by its ending. */
export function readEngine(
  text: string,
  path: string,
  { devices, text: textOf }: Around = {},
): EngineReading | EngineRefusal {
  const table = tableOf(text, path);
  if ("fault" in table) return table;
  const engine = engineOf(table.value, path);
  if (!engine) {
    return {
      fault:
        "This is no configuration of DeepSpeed, accelerate, torchtitan, Axolotl, LLaMA-Factory, torchtune or generation",
    };
  }
  const other = (name: string): Table | undefined => {
    const found = textOf?.(name);
    const read = found === undefined ? undefined : tableOf(found, name);
    return read && "value" in read ? read.value : undefined;
  };
  const { change, keys, model } = readers[engine](table.value, { other, devices });
  return { engine, ...(model !== undefined && { model }), change, understood: keys.understood, ignored: keys.ignored };
}

type Reader = (table: Table, beside: Beside) => Reading & { readonly model?: string | undefined };

const readers: Readonly<Record<Source, Reader>> = {
  deepspeed: (table, { devices }) => readDeepSpeed(table, devices),
  accelerate: (table, { other }) => readAccelerate(table, other),
  torchtitan: (table, { devices }) => readTorchtitan(table, devices),
  generation: readGeneration,
  axolotl: readAxolotl,
  "llama-factory": readLlamaFactory,
  torchtune: readTorchtune,
};

/** Which engine's file it is, by keys that only that one has. */
export function engineOf(table: Table, path: string): Source | undefined {
  const has = (...keys: readonly string[]) => keys.some((key) => key in table);
  if (/\.toml$/i.test(path)) return has("parallelism", "activation_checkpoint", "training") ? "torchtitan" : undefined;
  if (has("distributed_type", "compute_environment", "fsdp_config", "deepspeed_config")) return "accelerate";
  if (/\.jsonc?$/i.test(path) && has("zero_optimization", "train_batch_size", "train_micro_batch_size_per_gpu"))
    return "deepspeed";
  if (/\.jsonc?$/i.test(path) && isGeneration(table, path)) return "generation";
  if (isTorchtune(table)) return "torchtune";
  if (isAxolotl(table)) return "axolotl";
  return isLlamaFactory(table) ? "llama-factory" : undefined;
}

function tableOf(text: string, path: string): { readonly value: Table } | EngineRefusal {
  if (/\.toml$/i.test(path)) {
    try {
      return { value: parseToml(text) };
    } catch (error) {
      if (!(error instanceof TomlError)) throw error;
      return { fault: `Line ${error.line} is not TOML` };
    }
  }
  if (/\.ya?ml$/i.test(path)) {
    const document = parseDocument(text);
    const [problem] = document.errors;
    if (problem) return { fault: `Line ${problem.linePos?.[0].line ?? 1} is not YAML` };
    return tabled(document.toJS({ maxAliasCount: 100 }) as unknown);
  }
  const { value, faults } = readJson(text);
  const [fault] = faults;
  if (fault) return { fault: `Line ${fault.span.line + 1} is not JSON` };
  return tabled(value);
}

function tabled(value: unknown): { readonly value: Table } | EngineRefusal {
  const table = asTable(value);
  return table ? { value: table } : { fault: "The file holds no table of keys" };
}
