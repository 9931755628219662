/** The quick pick behind the status bar: what to weigh for, and which model. */
import * as vscode from "vscode";
import { type ScenarioChange, scenarioSchemas } from "../../base/settings.ts";
import type { ReportView } from "../../surfaces/report.ts";
import type { StatusNotice } from "../messages.ts";

/** What is picked; values made of several parts are written in the settings. */
type Key = Exclude<keyof typeof scenarioSchemas, "parallel" | "techniques">;
type Picked = ScenarioChange | "pick" | "pin" | "unpin" | "reset";

const titles: Record<Key, string> = {
  device: "Device",
  phase: "Phase",
  batch: "Batch",
  sequence: "Sequence length",
  imageSize: "Image size",
  dtype: "Data type",
  kvDtype: "Data type of the KV cache",
  optimizer: "Optimizer",
  attention: "Attention",
  autocast: "Autocast",
  checkpointing: "Checkpointing",
  compile: "Compiled",
  gradientAccumulation: "Backward passes per optimizer step",
  runtime: "Layout of the KV cache",
};
/** What holds where a value is not set. */
const unset: Partial<Record<Key, string>> = {
  kvDtype: "as the data type",
  attention: "as the code says",
  autocast: "off",
  runtime: "minimal",
};
const order = Object.keys(titles) as readonly Key[];
const phases = {
  prefill: "one forward pass over the whole sequence",
  decode: "one token for each sequence, the KV cache filled",
  train: "one optimizer step",
};

export async function pickScenario(
  { scenario, devices }: StatusNotice,
  report: ReportView | undefined,
  pinned: boolean,
): Promise<Picked | undefined> {
  const values = order
    .filter((key) => key !== "device" || devices.length > 0)
    .map((key) => ({ label: titles[key], description: shown(key, scenario, devices), key }));
  const items: (vscode.QuickPickItem & { key?: Key; picked?: undefined; result?: Picked })[] = [
    { label: "Model", kind: vscode.QuickPickItemKind.Separator },
    { label: "$(search) Pick the model to watch", description: report?.model ?? "none in this file", result: "pick" },
    pinned
      ? { label: "$(pinned) Unpin", description: "follow the active file again", result: "unpin" }
      : { label: "$(pin) Pin", description: "keep watching this model in every file", result: "pin" },
    { label: "Scenario", kind: vscode.QuickPickItemKind.Separator },
    ...values,
    { label: "$(discard) Reset", description: "the scenario of the settings", result: "reset" },
  ];
  const title = "Assay: Scenario";
  const item = await vscode.window.showQuickPick(items, {
    title,
    placeHolder: "What to weigh for",
    matchOnDescription: true,
  });
  if (!item) return undefined;
  return item.key ? pickValue(item.key, scenario, devices) : item.result;
}

async function pickValue(
  key: Key,
  scenario: StatusNotice["scenario"],
  devices: StatusNotice["devices"],
): Promise<ScenarioChange | undefined> {
  const title = `Assay: ${titles[key]}`;
  const choices = choicesOf(key, devices);
  if (choices) {
    const items = choices.map((choice) => ({ ...choice, ...(choice.value === scenario[key] && { detail: "now" }) }));
    const item = await vscode.window.showQuickPick(items, { title });
    return item && { [key]: item.value };
  }
  const text = await vscode.window.showInputBox({
    title,
    value: String(scenario[key]),
    validateInput: (given) =>
      scenarioSchemas[key].safeParse(Number(given)).success ? undefined : "a whole number from 1 up",
  });
  return text === undefined ? undefined : { [key]: Number(text) };
}

/** What can be chosen; nothing for a number, which is typed. */
function choicesOf(
  key: Key,
  devices: StatusNotice["devices"],
): { label: string; value: string | boolean; description?: string }[] | undefined {
  if (key === "device") return devices.map(({ id, name }) => ({ label: name, value: id }));
  if (key === "phase")
    return Object.entries(phases).map(([value, description]) => ({ label: value, value, description }));
  if (key === "checkpointing" || key === "compile")
    return [false, true].map((value) => ({ label: value ? "on" : "off", value }));
  const given = scenarioSchemas[key];
  const schema = "unwrap" in given ? given.unwrap() : given;
  return "options" in schema ? schema.options.map((value) => ({ label: value, value })) : undefined;
}

function shown(key: Key, scenario: StatusNotice["scenario"], devices: StatusNotice["devices"]): string {
  if (key === "device") return devices.find(({ id }) => id === scenario.device)?.name ?? scenario.device;
  const value = scenario[key];
  if (typeof value === "boolean") return value ? "on" : "off";
  return value === undefined ? (unset[key] ?? "") : String(value);
}
