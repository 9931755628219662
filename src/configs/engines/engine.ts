/** Training engines' own configuration files, read as part of a scenario. */
import { parse as parseToml, TomlError } from "smol-toml";
import { parseDocument } from "yaml";
import type { AskedScenario } from "../../base/scenario.ts";
import { readConfig } from "../read.ts";
import { readAccelerate } from "./accelerate.ts";
import { readDeepSpeed } from "./deepspeed.ts";
import { asTable, type KeyNote, type Table } from "./keys.ts";
import { readTorchtitan } from "./torchtitan.ts";

export type Engine = "deepspeed" | "accelerate" | "torchtitan";

export interface EngineReading {
  readonly engine: Engine;
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
  if (!engine) return { fault: "This is no configuration of DeepSpeed, accelerate or torchtitan" };
  const other = (name: string): Table | undefined => {
    const found = textOf?.(name);
    const read = found === undefined ? undefined : tableOf(found, name);
    return read && "value" in read ? read.value : undefined;
  };
  const { change, keys } =
    engine === "deepspeed"
      ? readDeepSpeed(table.value, devices)
      : engine === "accelerate"
        ? readAccelerate(table.value, other)
        : readTorchtitan(table.value, devices);
  return { engine, change, understood: keys.understood, ignored: keys.ignored };
}

/** Which engine's file it is, by keys that only that one has. */
export function engineOf(table: Table, path: string): Engine | undefined {
  const has = (...keys: readonly string[]) => keys.some((key) => key in table);
  if (/\.toml$/i.test(path)) return has("parallelism", "activation_checkpoint", "training") ? "torchtitan" : undefined;
  if (has("distributed_type", "compute_environment", "fsdp_config", "deepspeed_config")) return "accelerate";
  if (/\.jsonc?$/i.test(path) && has("zero_optimization", "train_batch_size", "train_micro_batch_size_per_gpu"))
    return "deepspeed";
  return undefined;
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
  const { value, faults } = readConfig(text);
  const [fault] = faults;
  if (fault) return { fault: `Line ${fault.span.line + 1} is not JSON` };
  return tabled(value);
}

function tabled(value: unknown): { readonly value: Table } | EngineRefusal {
  const table = asTable(value);
  return table ? { value: table } : { fault: "The file holds no table of keys" };
}
