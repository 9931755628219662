/** One JavaScript case of `assay batch`: a model that a module's text or file makes, weighed once. */
import type { Limits } from "../base/budget.ts";
import { type AskedScenario, decided, defaultScenario } from "../base/scenario.ts";
import type { Device } from "../cost/devices/device.ts";
import { findModels } from "../tfjs/find.ts";
import { call, construct } from "../tfjs/language/calls.ts";
import { Accessor, JsFunction, type JsObject, JsPromise, type Value } from "../tfjs/language/values.ts";
import { guarded, isStop, type Program } from "../tfjs/program.ts";
import { runModel } from "../tfjs/run.ts";
import { isModel, layerTree } from "../tfjs/tree.ts";
import { parseTensor } from "../torch/session.ts";
import { type Answer, answer, failedAnswer } from "./answer.ts";
import { costsOf } from "./costs.ts";
import { openScript } from "./javascript.ts";
import { passOf } from "./javascriptModel.ts";
import type { Workspace } from "./request.ts";

export interface ScriptCase {
  readonly id: string;
  readonly path: string;
  readonly text: string;
  /** The variable that holds the model, or the function that makes it. */
  readonly model: string;
  /** Inputs as `float32[1, 28, 28, 1]`; absent: the model's own, of one sample. */
  readonly args: readonly unknown[] | undefined;
  readonly mode: "eval" | "train";
  /** What memory and time are asked for; absent: they are not asked. */
  readonly scenario: AskedScenario | undefined;
  readonly device: Device | undefined;
}

/** Weighs a case. What goes wrong with it is its own answer. */
export function weighScriptCase(one: ScriptCase, sources: Workspace["sources"], limits: Limits): Answer {
  const opened = openScript(one.path, one.text, { sources, limits });
  if (!opened) return { id: one.id, error: "scripts are not read here" };
  const { program, script } = opened;
  const found = findModels(program, script);
  const model =
    namedModel(program, script.path, one.model) ?? found.models.find(({ name }) => name === one.model)?.model;
  const problems = found.errors.map(({ text }) => text);
  if (!model) {
    const reason = found.stopped ?? `no model is called ${one.model}`;
    return failedAnswer(one.id, { reason, error: undefined }, problems);
  }
  const { machine } = program;
  const scenario = decided(one.scenario ?? { ...defaultScenario, batch: 1 });
  const shapes = one.args?.map((arg) => (typeof arg === "string" ? parseTensor(arg)?.shape : undefined));
  const given = shapes?.every((shape) => shape !== undefined) ? shapes.map((shape) => shape ?? []) : undefined;
  machine.budget.steps = 0;
  const tree = layerTree(machine, model);
  const notes = found.models.find((other) => other.model === model)?.remarks ?? machine.remarks;
  const built = { tree, notes: [...notes] };
  const training = one.mode === "train";
  const run = runModel(program, model, scenario, { training }, given);
  const pass = passOf(program, () => run);
  const saved = passOf(program, () => runModel(program, model, scenario, { training: true }, given));
  const steps = scenario.phase === "train";
  const costs =
    one.scenario &&
    costsOf(
      built,
      steps ? passOf(program, () => runModel(program, model, scenario, { training: true, step: true }, given)) : pass,
      scenario,
      one.device,
    );
  const outputs = run.outputs.map((shape) =>
    shape.map((size) => (typeof size === "number" ? size : "hint" in size ? size.hint : null)),
  );
  return {
    ...answer(one.id, built, { pass, saved, costs }),
    outputs: run.failure ? null : outputs.length === 1 ? outputs[0] : outputs,
  };
}

/** The model that a name of the file's top level stands for. */
function namedModel(program: Program, path: string, name: string): JsObject | undefined {
  const { machine } = program;
  const exported = machine.modules.get(path)?.props.get(name);
  const value = machine.scopes.get(path)?.names.get(name) ?? (exported instanceof Accessor ? undefined : exported);
  const made = guarded(program, (): Value => {
    if (!(value instanceof JsFunction)) return value;
    return value.isClass ? construct(machine, value, []) : call(machine, value, undefined, []);
  });
  if (isStop(made)) return undefined;
  const own = made instanceof JsPromise ? made.value : made;
  return isModel(own) ? own : undefined;
}
