/** What is wrong with a config, as findings at its keys. */
import type { Place } from "../base/place.ts";
import type { Scenario } from "../base/scenario.ts";
import { nearestWord } from "../base/spelling.ts";
import {
  beyondTrained,
  type ConfigFix,
  type ConfigProblem,
  type ConfigRefusal,
  type ConfigText,
  keyEdits,
  modelTypes,
  trainedLength,
} from "../configs/index.ts";
import type { Finding, Fix } from "../cost/report.ts";

/** A config's file: its text, what was read of it, and where it is. */
export interface ConfigFile {
  readonly path: string;
  readonly text: string;
  readonly read: ConfigText;
}

/** What is wrong with the text itself. */
export function textFindings({ path, read }: ConfigFile): Finding[] {
  return read.faults.map(({ span, text, isHarmless }) => ({
    ...finding(isHarmless ? "repeated-key" : "syntax", { path, ...span }, text, "warning"),
  }));
}

/** Values that cannot work. */
export function valueFindings(file: ConfigFile, problems: readonly ConfigProblem[]): Finding[] {
  return problems.map(({ rule, severity, path, ofKey, text, why = "", price = "", fixes = [] }) => ({
    ...finding(rule, placeOf(file, path, ofKey), text, severity),
    why,
    price,
    fixes: fixes.flatMap((fix) => fixOf(file, path, fix)),
  }));
}

/** Why a config gives no model; the nearest known family is the fix where one is a slip away. */
export function refusalFinding(file: ConfigFile, { reason, key }: ConfigRefusal): Finding {
  const text = `${reason[0]?.toUpperCase()}${reason.slice(1)}.`;
  const at = placeOf(file, key === "" ? [] : key.split("."));
  const given = file.read.value?.["model_type"];
  const near =
    key === "model_type" && typeof given === "string" && given.length > 3
      ? nearestWord(given, modelTypes(), 1)
      : undefined;
  const fix: ConfigFix = { title: `Write "${near}"`, changes: [{ path: ["model_type"], value: near }] };
  const isFamily = /^(model_type|architectures)?$/.test(key);
  if (!isFamily) return finding("impossible-value", at, text, "error");
  return { ...finding("unknown-family", at, text, "warning"), fixes: near ? fixOf(file, [key], fix) : [] };
}

/** What the family's definition says where it raises an error, at the key that it names. */
export function refusedFinding(file: ConfigFile, modelType: string, reason: string, isUnbuilt: boolean): Finding {
  const place = (name: string) => reason.search(new RegExp(`\\b${name.replaceAll(/\W/g, "\\$&")}\\b`));
  const [named] = file.read.keys
    .map(({ path }) => ({ path, at: place(path.at(-1) as string) }))
    .filter(({ at }) => at >= 0)
    .sort((a, b) => a.at - b.at);
  // What a definition refuses in words cannot be; any other stop may be the definition's own.
  const isRefusal = /^ValueError\b/.test(reason);
  const text = reason.replace(/^ValueError: /, "").replace(/\.$/, "");
  return finding(
    "refused-config",
    placeOf(file, named?.path ?? ["model_type"]),
    isRefusal
      ? `The definition of ${modelType} refuses this config: ${text}.`
      : `The definition of ${modelType} cannot be run with this config: ${text}.`,
    isRefusal && isUnbuilt ? "error" : "warning",
  );
}

/** Where the scenario's sequence is longer than what the model is made for: a table of positions ends, or nothing beyond was trained. */
export function lengthFinding(
  file: ConfigFile,
  values: Readonly<Record<string, unknown>>,
  { sequence }: Pick<Scenario, "sequence">,
): Finding[] {
  const part = values["text_config"];
  const isPart = typeof part === "object" && part !== null;
  const length = trainedLength(isPart ? (part as Readonly<Record<string, unknown>>) : values);
  const what = beyondTrained(length, sequence);
  if (!length || what === undefined) return [];
  const path = isPart ? ["text_config", length.key] : [length.key];
  return [finding("beyond-trained-length", placeOf(file, path), `The scenario's ${what}.`, "warning")];
}

/** Where a key's value stands, or its name; the file's beginning for a key that it does not have. */
function placeOf({ path: file, read }: ConfigFile, path: readonly string[], ofKey = false): Place {
  const key = read.keys.findLast((one) => one.path.join("/") === path.join("/"));
  const start = { line: 0, column: 0, endLine: 0, endColumn: 1 };
  return { path: file, ...(key ? (ofKey ? key.keySpan : key.valueSpan) : start) };
}

function fixOf(file: ConfigFile, path: readonly string[], { title, changes, rename }: ConfigFix): Fix[] {
  const span = rename === undefined ? undefined : placeOf(file, path, true);
  const edits = [
    ...(span && rename !== undefined ? [{ span, text: JSON.stringify(rename) }] : []),
    ...changes.flatMap((change) => keyEdits(file.text, change)),
  ];
  return edits.length > 0 ? [{ title, edits }] : [];
}

function finding(rule: string, at: Place, what: string, severity: Finding["severity"]): Finding {
  return { rule, severity, at, what, why: "", price: "", fixes: [] };
}
