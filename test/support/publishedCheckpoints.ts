/** Published checkpoints, as `test/oracle/checkpoints.jsonl` has them. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { modelOfConfig } from "../../src/configs/index.ts";

export interface Checkpoint {
  readonly name: string;
  /** Elements that the safetensors headers give. */
  readonly stored: number;
  /** What is stored beside the model's own parameters. */
  readonly extra?: { readonly elements: number; readonly why: string };
  readonly config: Readonly<Record<string, unknown>>;
}

export const checkpoints: readonly Checkpoint[] = readFileSync("test/oracle/checkpoints.jsonl", "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as Checkpoint);

export function checkpoint(name: string): Checkpoint {
  const found = checkpoints.find((one) => one.name === name);
  assert(found, `${name} is in the table`);
  return found;
}

/** The Python text that builds a config's model by our definition of its family. */
export function definitionOf(config: Readonly<Record<string, unknown>>): {
  readonly setup: string;
  readonly model: string;
} {
  const model = modelOfConfig(config);
  assert(model.kind === "model", model.kind === "refusal" ? model.reason : "");
  return model;
}
