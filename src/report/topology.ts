/** A `model.json` weighed: the layers that TensorFlow.js or Keras wrote down. */
import { Budget, defaultLimits } from "../base/budget.ts";
import type { Place } from "../base/place.ts";
import { decided } from "../base/scenario.ts";
import type { FileReport } from "../cost/report.ts";
import { call } from "../tfjs/language/calls.ts";
import { get } from "../tfjs/language/members.ts";
import { fromJson } from "../tfjs/language/modules.ts";
import { JsPromise } from "../tfjs/language/values.ts";
import { guarded, isStop, openProgram } from "../tfjs/program.ts";
import { isModel, nameOf } from "../tfjs/tree.ts";
import { weighFound } from "./javascriptModel.ts";
import type { WeighedModel } from "./model.ts";
import type { Asked, Workspace } from "./request.ts";

/** Whether a JSON text holds the layers of a model, rather than a config of transformers' kind. */
export function isTopology(text: string): boolean {
  if (!/"(modelTopology|model_config|class_name|className)"/.test(text)) return false;
  const value = jsonObject(text);
  return value !== undefined && ("modelTopology" in value || "model_config" in value || "class_name" in value);
}

function jsonObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

export function weighTopologyFile(
  asked: Asked,
  { limits, cancelled, project }: Pick<Workspace, "limits" | "cancelled" | "project">,
): { report: Omit<FileReport, "models">; models: readonly WeighedModel[] } {
  const at: Place = { path: asked.path, line: 0, column: 0, endLine: 0, endColumn: 1 };
  const none = (reason: string) => ({ report: { path: asked.path, problems: [], remarks: [reason] }, models: [] });
  const json = jsonObject(asked.text);
  if (json?.["format"] === "graph-model")
    return none("A graph model holds operations, not layers: its layers are not known.");
  const budget = new Budget(limits ?? defaultLimits, cancelled);
  const files = {
    text: () => undefined,
    parse: (path: string) => ({ path, text: "", lineStarts: [0], body: [], problems: [] }),
  };
  const program = openProgram(files, budget.limits, cancelled);
  const { machine, tf } = program;
  const made = guarded(program, () => {
    const models = get(machine, tf, "models");
    return call(machine, get(machine, models, "modelFromJSON"), models, [fromJson(machine, json)]);
  });
  if (isStop(made)) return none(`The model cannot be built: ${made.reason}.`);
  const model = made instanceof JsPromise ? made.value : made;
  if (!isModel(model)) return none("This JSON describes no model.");
  const found = { name: nameOf(model), at, model, guessed: undefined, remarks: [...machine.remarks] };
  const request = { ...asked, scenario: decided(asked.scenario), project };
  const weighed = weighFound(program, found, request);
  const report = { ...weighed.report, evidence: { kind: "config" as const, text: weighed.report.evidence.text, at } };
  return { report: { path: asked.path, problems: [], remarks: [] }, models: [{ ...weighed, report }] };
}
