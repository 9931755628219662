/** Building a model from Python text and running its forward pass. */

import { BudgetExceeded } from "../base/budget.ts";
import type { Place } from "../base/place.ts";
import { Unknown } from "../base/unknown.ts";
import { Refused } from "../ops/op.ts";
import { call, callMethod } from "../python/calls.ts";
import { runStatements } from "../python/compile/modules.ts";
import { PyError } from "../python/errors.ts";
import { importModule } from "../python/imports.ts";
import type { Interpreter } from "../python/interpreter.ts";
import { PyDict, type PyInstance, PyList, PyModule, PyTuple, run, type Value } from "../python/values.ts";
import { type DType, isDType, isFloating } from "../tensor/dtype.ts";
import { Float } from "../tensor/scalar.ts";
import { NeedsKnownSize, type Size, scenarioSize } from "../tensor/size.ts";
import { denseBytes, type Tensor } from "../tensor/tensor.ts";
import { cacheNotes } from "./cacheNotes.ts";
import { passes } from "./liveness.ts";
import { type BuiltLayer, isModule, modelTree } from "./modelTree.ts";
import { dtypeObject, TensorObject, tracerOf, wrap } from "./tensorObject.ts";

/** Why a step did not come to its end. */
export interface Failure {
  readonly reason: string;
  readonly error: PyError | BudgetExceeded | undefined;
  /** Where an unknown came from, where that is the reason. */
  readonly at?: Place | undefined;
}

/** Runs statements in a module of their own; what fails at the top level leaves its names unknown. */
export function runSetup(py: Interpreter, path: string, text: string, failed?: (error: PyError) => void): PyModule {
  const module = new PyModule("__assay__", path, new Map<string, Value>([["__name__", "__assay__"]]));
  runStatements(py, module, py.sources.parse(path, text).statements, failed);
  return module;
}

/** An expression's value in a module. Throws what it throws. */
export function evaluate(py: Interpreter, module: PyModule, path: string, expression: string): Value {
  let failure: PyError | undefined;
  runStatements(py, module, py.sources.parse(path, `__assay_value__ = (\n${expression}\n)`).statements, (error) => {
    failure = error;
  });
  if (failure) throw failure;
  const value = module.attrs.get("__assay_value__") ?? null;
  module.attrs.delete("__assay_value__");
  return value;
}

/** Runs a step; gives what it gave, or why it failed. Budgets and Python exceptions are answers, anything else is a bug. */
export function guarded<T>(py: Interpreter, step: () => T): T | Failure {
  const { frame, importGuards, native } = py;
  const { depth } = py.budget;
  try {
    return step();
  } catch (error) {
    py.frame = frame;
    py.importGuards = importGuards;
    py.native = native;
    py.budget.depth = depth;
    if (error instanceof NeedsKnownSize)
      return { reason: error.unknown.reason, error: undefined, at: error.unknown.at };
    if (error instanceof Refused) return { reason: error.message, error: undefined };
    if (error instanceof PyError) return { reason: error.text, error };
    if (error instanceof BudgetExceeded) return { reason: error.reason, error };
    if (error instanceof RangeError && /call stack/i.test(error.message))
      return { reason: "calls nest too deep", error: undefined };
    throw error;
  }
}

export function isFailure(value: unknown): value is Failure {
  return typeof value === "object" && value !== null && "reason" in value && "error" in value;
}

/** A tensor that the caller of `forward` hands in. */
export function inputTensor(py: Interpreter, dtype: DType, shape: readonly Size[]): TensorObject {
  const tracer = tracerOf(py);
  const value: Tensor = {
    shape,
    strides: null,
    dtype,
    storage: tracer.storage(denseBytes(shape, dtype), "input"),
    requiresGrad: false,
  };
  return wrap(py, value);
}

/** `float32[B, 3, 224, 224]` as dtype and sizes, names looked up among the scenario's; undefined where it is no such text. */
export function parseTensor(
  text: string,
  names: ReadonlyMap<string, number> = new Map(),
): { dtype: DType; shape: Size[] } | undefined {
  const match = /^\s*(\w+)\s*\[([^\]]*)\]\s*$/.exec(text);
  const dtype = match?.[1] && longName(match[1]);
  if (!match || !dtype) return undefined;
  const shape: Size[] = [];
  for (const part of (match[2] ?? "")
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "")) {
    const named = names.get(part);
    if (/^\d+$/.test(part)) shape.push(Number(part));
    else if (named !== undefined) shape.push(scenarioSize(part, named));
    else return undefined;
  }
  return { dtype, shape };
}

const shortNames: Record<string, DType> = {
  f32: "float32",
  f64: "float64",
  f16: "float16",
  bf16: "bfloat16",
  i64: "int64",
  i32: "int32",
  long: "int64",
  float: "float32",
  half: "float16",
  int: "int32",
  double: "float64",
};

function longName(name: string): DType | undefined {
  return isDType(name) ? name : shortNames[name];
}

/** Sets `training` in a whole model, as `model.train()` does. */
export function setMode(py: Interpreter, model: PyInstance, training: boolean): void {
  callMethod(py, model, "train", training);
}

/** Parameters and buffers take their roles, floating ones the dtype asked for. */
export function settle(tree: BuiltLayer): void {
  for (const { tensor } of tree.parameters) tensor.storage.role = "parameter";
  for (const { tensor } of tree.buffers) if (tensor.storage.role !== "parameter") tensor.storage.role = "buffer";
  for (const child of tree.children) settle(child);
}

/** Casts a model's floating parameters and buffers, as `model.to(dtype)` does. */
export function castModel(py: Interpreter, model: PyInstance, dtype: DType): void {
  const tracer = tracerOf(py);
  const done = new Set<TensorObject>();
  const seen = new Set<PyInstance>();
  const walk = (module: PyInstance) => {
    if (seen.has(module)) return;
    seen.add(module);
    for (const kind of ["_parameters", "_buffers"]) {
      const dict = module.attrs.get(kind);
      if (!(dict instanceof PyDict)) continue;
      for (const [, value] of dict.entries.values()) {
        if (
          !(value instanceof TensorObject) ||
          done.has(value) ||
          !isFloating(value.value.dtype) ||
          value.value.dtype === dtype
        )
          continue;
        done.add(value);
        value.value = {
          ...value.value,
          dtype,
          storage: tracer.storage(denseBytes(value.value.shape, dtype), value.value.storage.role),
        };
      }
    }
    const children = module.attrs.get("_modules");
    if (children instanceof PyDict) for (const [, child] of children.entries.values()) if (isModule(child)) walk(child);
  };
  walk(model);
}

/** How a model is run. */
export interface RunMode {
  /** Autograd follows, as in training. */
  readonly gradients: boolean;
  /** The reduced type of an autocast region around the forward pass. */
  readonly autocast?: DType | undefined;
  /** A loss and its backward pass come after the forward pass. */
  readonly step?: boolean | undefined;
}

/** Runs `model(*args, **kwargs)`, or a training step of it, in a fresh trace. Throws what the code throws. */
export function runForward(
  py: Interpreter,
  model: Value,
  args: readonly Value[],
  keywords: ReadonlyMap<string, Value>,
  { gradients, autocast, step }: RunMode,
): Value {
  const entry = scenarioFunction(py, step ? "step" : "run");
  const tracer = tracerOf(py);
  run.number = ++run.made;
  tracer.begin();
  cacheNotes(py).length = 0;
  tracer.gradEnabled = gradients;
  // Its callers hold the inputs all the while.
  const named = new PyDict(new Map([...keywords].map(([name, value]) => [name, [name, value] as const])));
  passes.running = true;
  try {
    return call(py, entry, [model, new PyTuple(args), named, autocast ? dtypeObject(autocast) : null]);
  } finally {
    passes.running = false;
  }
}

/** A function of `torch/_scenario.py`. */
export function scenarioFunction(py: Interpreter, name: string): Value {
  const module = importModule(py, "torch._scenario");
  return module instanceof Unknown ? module : (module.attrs.get(name) ?? null);
}

/** Shapes of what a model returned, nested as it returned them; null for what is no tensor. */
export function outputShapes(value: Value, depth = 0): unknown {
  if (value instanceof TensorObject)
    return value.value.shape.map((size) =>
      typeof size === "number" ? size : size instanceof Unknown ? null : size.hint,
    );
  if (depth > 6) return null;
  if (value instanceof PyList || value instanceof PyTuple)
    return value.items.map((item) => outputShapes(item, depth + 1));
  if (value instanceof PyDict)
    return Object.fromEntries(
      [...value.entries.values()].map(([key, item]) => [String(key), outputShapes(item, depth + 1)]),
    );
  return null;
}

/** A JSON value as Python's. */
export function fromJson(value: unknown): Value {
  if (value === null || value === undefined) return null;
  if (typeof value === "boolean" || typeof value === "string") return value;
  if (typeof value === "number") return Number.isInteger(value) ? value : new Float(value);
  if (Array.isArray(value)) return new PyList(value.map(fromJson));
  return new PyDict(
    new Map(Object.entries(value as object).map(([key, item]) => [key, [key, fromJson(item)] as const])),
  );
}

export { isModule, modelTree };
