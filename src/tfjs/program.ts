/** A JavaScript program read and run, with TensorFlow.js as we define it. */
import library from "script:src/tfjs/library";
import { Budget, BudgetExceeded, type Limits } from "../base/budget.ts";
import { Unknown } from "../base/unknown.ts";
import { NeedsKnownSize } from "../tensor/size.ts";
import { Tracer } from "../trace/tracer.ts";
import { installGlobals, methods } from "./builtins/globals.ts";
import { execute, hoist } from "./language/execute.ts";
import { type Files, Machine } from "./language/machine.ts";
import { Scope, topFrame } from "./language/scope.ts";
import { JsObject, JsThrow, type Native, type Value } from "./language/values.ts";
import { type Layers, noLayers } from "./layers.ts";
import { nativeObject } from "./natives.ts";
import { installPipelines, type PipelineUse } from "./pipelines.ts";
import { fusedFunctions } from "./tensors/fused.ts";
import { installTensor, makingFunctions } from "./tensors/making.ts";
import { pointwiseFunctions } from "./tensors/pointwise.ts";
import { productFunctions } from "./tensors/products.ts";
import { shapeFunctions } from "./tensors/shapes.ts";

export interface Program {
  readonly machine: Machine;
  readonly layers: Layers;
  /** The namespace `tf`. */
  readonly tf: Value;
  /** What it loads with transformers.js, in order. */
  readonly pipelines: readonly PipelineUse[];
}

/** A machine on which nothing has run but our own definition. */
export function openProgram(files: Files, limits: Limits, cancelled?: () => boolean): Program {
  const machine = new Machine(files, new Budget(limits, cancelled), new Tracer());
  const layers = noLayers();
  machine.tracer.gradEnabled = false;
  installGlobals(machine);
  installTensor(machine);
  const functions = machine.object();
  const all: Record<string, Native> = {
    ...pointwiseFunctions(machine),
    ...shapeFunctions(machine),
    ...productFunctions(machine),
    ...fusedFunctions(machine),
    ...makingFunctions(machine),
  };
  methods(machine, functions, all);
  // Every function on tensors is a method of them too.
  for (const [name, run] of Object.entries(all)) {
    if (machine.prototypes.tensor.props.has(name)) continue;
    machine.prototypes.tensor.props.set(
      name,
      machine.native(name, (self, args) => run(undefined, [self, ...args], undefined)),
    );
  }
  const frame = topFrame();
  const scope = new Scope(undefined, library, frame, true);
  scope.names.set("ops", functions).set("assay", nativeObject(machine, layers));
  hoist(machine, library.body, scope);
  execute(machine, library.body, scope);
  const tf = scope.names.get("tf");
  machine.packages.set(
    /^@tensorflow\/tfjs|\/@tensorflow\/tfjs|^@tensorflow\/tfjs-(core|layers|node|node-gpu)/,
    () => tf,
  );
  machine.globals.set("tf", tf);
  const host = machine.object([["tf", tf]]);
  host.otherwise = new Unknown("what the browser has is not known", undefined);
  for (const name of ["window", "globalThis", "self"]) machine.globals.set(name, host);
  return { machine, layers, tf, pipelines: installPipelines(machine) };
}

/** Why a step did not come to its end. */
export interface Stop {
  readonly reason: string;
  readonly error: JsThrow | BudgetExceeded | undefined;
}

/** Runs a step. The program's errors and a spent budget are answers; anything else is a bug. */
export function guarded<T>({ machine }: Program, step: () => T): T | Stop {
  const { length } = machine.calls;
  const { depth } = machine.budget;
  try {
    return step();
  } catch (error) {
    machine.calls.length = length;
    machine.budget.depth = depth;
    if (error instanceof JsThrow) return { reason: error.text, error };
    if (error instanceof BudgetExceeded) return { reason: error.reason, error };
    if (error instanceof NeedsKnownSize) return { reason: error.unknown.reason, error: undefined };
    if (error instanceof RangeError) {
      const isDeep = /call stack/i.test(error.message);
      return { reason: isDeep ? "calls nest too deep" : "a size is beyond all reason", error: undefined };
    }
    throw error;
  }
}

export function isStop(value: unknown): value is Stop {
  return (
    typeof value === "object" && value !== null && "reason" in value && "error" in value && !(value instanceof JsObject)
  );
}
