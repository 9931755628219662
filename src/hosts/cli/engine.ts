/** Engines' configuration files on the command line: read as part of the scenario, and written from it. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { type AskedScenario, decided, defaultScenario, type Parallel } from "../../base/scenario.ts";
import { type ScenarioChange, scenarioSchemas } from "../../base/settings.ts";
import { type Engine, readEngine } from "../../configs/engines/engine.ts";
import { engineConfig } from "../../configs/engines/write.ts";
import type { Wish } from "./arguments.ts";
import { projectFor } from "./project.ts";
import { Fault } from "./read.ts";
import { ofRecipe } from "./recipe.ts";

/** What a person asks for about engines, beside the scenario's own options. */
export interface EngineWish {
  /** A configuration to take the scenario from. */
  readonly file: string | undefined;
  /** How many devices a launcher starts. */
  readonly devices: number | undefined;
}

/** A change of the scenario with the engine's below it, and what of the file was not taken over. */
export interface Changed {
  readonly change: ScenarioChange;
  readonly notes: readonly string[];
}

/** What the words change of the scenario, over what the engine's file says. */
export function engineChange({ file, devices }: EngineWish, change: ScenarioChange): Changed | Fault {
  if (file === undefined) return { change, notes: [] };
  const text = textOf(file);
  if (text === undefined) return new Fault(`${file}:1:1: This file cannot be read. Name an engine's configuration.`);
  const around = { devices, text: (name: string) => textOf(path.resolve(path.dirname(file), name)) };
  const reading = readEngine(text, file, around);
  if ("fault" in reading) return new Fault(`${file}:1:1: ${reading.fault}.`);
  const parallel = { ...reading.change.parallel, ...change.parallel };
  return {
    change: { ...(reading.change as ScenarioChange), ...change, parallel },
    notes: reading.ignored.map(({ key, says }) => `${file}: ${key}: ${says}.`),
  };
}

/** The wish with the engine's scenario below what the words say; of a training recipe, for the model that it trains. */
export function withEngine(given: Wish): { readonly wish: Wish; readonly notes: readonly string[] } | Fault {
  const wish = ofRecipe(given);
  if (wish instanceof Fault) return wish;
  const changed = engineChange(wish.engine, wish.change);
  return changed instanceof Fault ? changed : { wish: { ...wish, change: changed.change }, notes: changed.notes };
}

/** An engine's configuration for the scenario, and what it does not carry. */
export function writtenEngine(
  engine: Engine,
  asked: EngineWish,
  change: ScenarioChange,
): { readonly text: string; readonly notes: readonly string[] } | Fault {
  const changed = engineChange(asked, change);
  if (changed instanceof Fault) return changed;
  const { project, problems } = projectFor(path.resolve("assay.json"));
  const scenario = { ...defaultScenario, phase: "train", ...project?.scenario, ...changed.change } as AskedScenario;
  const { text, left } = engineConfig(engine, decided(scenario));
  return { text, notes: [...problems, ...changed.notes, ...left] };
}

/** `data=8,zero=3`: degrees by name; a sentence's end where one cannot be used. */
export function parallelWords(text: string): Parallel | { readonly fault: string } {
  const entries = text.split(",").filter((part) => part !== "");
  const values = entries.map((part): [string, unknown] => {
    const [key = "", value = "true"] = part.split("=");
    const plain = { true: true, false: false }[value] ?? (/^\d+$/.test(value) ? Number(value) : value);
    return [key, plain];
  });
  const known = Object.keys(scenarioSchemas.parallel.unwrap().shape);
  const strange = values.find(([key]) => !known.includes(key));
  if (strange) return { fault: `knows ${known.join(", ")}, not ${JSON.stringify(strange[0])}` };
  const read = scenarioSchemas.parallel.safeParse(Object.fromEntries(values));
  if (read.success) return read.data ?? {};
  return { fault: `cannot have ${String(read.error.issues[0]?.path[0])} as in ${JSON.stringify(text)}` };
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
