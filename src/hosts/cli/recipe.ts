/** A training recipe given as the file: the model that it trains is weighed, with the recipe as its scenario. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { readEngine } from "../../configs/engines/engine.ts";
import type { Wish } from "./arguments.ts";
import { Fault } from "./read.ts";

/** The wish for the recipe's model; the same wish where its file is no YAML. Nothing is fetched: the config must lie here. */
export function ofRecipe(wish: Wish): Wish | Fault {
  const { file } = wish;
  if (!/\.ya?ml$/i.test(file)) return wish;
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return new Fault(`${file}:1:1: This file cannot be read. Name a training recipe or a model's file.`);
  }
  const reading = readEngine(text, file, { devices: wish.engine.devices });
  if ("fault" in reading) return new Fault(`${file}:1:1: ${reading.fault}.`);
  const engine = { ...wish.engine, file };
  if (reading.model === undefined)
    return new Fault(`${file}:1:1: It names no model. Weigh one with it: assay config.json --engine ${file}.`);
  const config = configsOf(reading.model, path.dirname(file)).find((one) => existsSync(one));
  if (config === undefined)
    return new Fault(
      `${file}:1:1: It trains ${reading.model}, whose config.json is not here. Give it: assay config.json --engine ${file}.`,
    );
  return { ...wish, file: config, engine };
}

/** Where the config of a model by that name may lie: its folder, a folder of models, the hub's cache. */
function configsOf(model: string, folder: string): string[] {
  const places = [folder, process.cwd()].flatMap((root) => [
    path.resolve(root, model),
    path.resolve(root, "models", model),
  ]);
  return [...places, ...cached(model)].map((one) => path.join(one, "config.json"));
}

/** The snapshots of a model in the hub's cache, the newest name first. */
function cached(model: string): string[] {
  const home =
    process.env["HF_HUB_CACHE"] ??
    path.join(process.env["HF_HOME"] ?? path.join(homedir(), ".cache/huggingface"), "hub");
  const snapshots = path.join(home, `models--${model.replaceAll("/", "--")}`, "snapshots");
  try {
    return readdirSync(snapshots).map((one) => path.join(snapshots, one));
  } catch {
    return [];
  }
}
