import files from "python:src/torch";
import type { Budget } from "../base/budget.ts";
import type { Unknown } from "../base/unknown.ts";
import { nativeModule, runModule } from "../python/imports.ts";
import type { Environment, Hooks, Interpreter, Sources } from "../python/interpreter.ts";
import { startPython } from "../python/start.ts";
import { PyDict, PyInstance, PyList, type PyModule, PyTuple, type Value } from "../python/values.ts";
import { Tracer } from "../trace/tracer.ts";
import { assumptionNames } from "./assumptions.ts";
import { assayNames } from "./cacheNotes.ts";
import { codeFolderNames } from "./codeFolders.ts";
import { torchModules } from "./modules.ts";
import { nativeNames } from "./native.ts";
import { buildOrRemember } from "./remember/builds.ts";
import { loopOf } from "./remember/loops.ts";
import { TensorObject, tracerOf } from "./tensorObject.ts";

/** A module that a library layer further on provides: asked before the import path. */
export type Library = (py: Interpreter, name: string) => PyModule | undefined;

/** An interpreter with PyTorch in it. */
export function startTorch(
  sources: Sources,
  environment: Environment,
  budget?: Budget,
  library: Library = () => undefined,
): Interpreter {
  const hooks: Hooks = {
    unknownCall,
    unknownAttribute,
    library: (py, name) => torchModule(py, name) ?? library(py, name),
    moment: () => 0,
    loop: (f, plan) => loopOf(f.py, f, plan),
    instance: buildOrRemember,
  };
  const py = startPython(sources, environment, hooks, budget);
  const tracer = new Tracer();
  hooks.moment = () => tracer.events.length;
  py.extensions.set("tracer", tracer);
  return py;
}

const pythonFiles = new Map(
  Object.keys(files).map((path) => [`torch.${path.replace(/(\/__init__)?\.py$/, "").replaceAll("/", ".")}`, path]),
);

function torchModule(py: Interpreter, name: string): PyModule | undefined {
  if (name === "assay") return nativeModule(py, name, { ...assayNames(), ...assumptionNames(), ...codeFolderNames() });
  if (name !== "torch" && !name.startsWith("torch.")) return undefined;
  if (name === "torch._native") return nativeModule(py, name, nativeNames());
  const native = torchModules.get(name);
  if (native) return nativeModule(py, name, native(py));
  const path = pythonFiles.get(name);
  const tree = path === undefined ? undefined : files[path];
  return tree && runModule(py, name, tree, path?.endsWith("__init__.py") ? name : undefined);
}

/** A call that is not understood costs what nobody knows, where tensors or layers go into it. */
function unknownCall(py: Interpreter, callee: Unknown, args: readonly Value[]): Value {
  if (args.some((arg) => carries(arg, 0))) {
    tracerOf(py).unknown(callee);
    py.note("unknown-call", callee.reason);
  }
  return callee;
}

/** Whether tensors or layers may be inside. */
function carries(value: Value, depth: number): boolean {
  if (value instanceof TensorObject) return true;
  if (depth > 3) return false;
  if (value instanceof PyList || value instanceof PyTuple) return value.items.some((item) => carries(item, depth + 1));
  if (value instanceof PyDict) return [...value.entries.values()].some(([, item]) => carries(item, depth + 1));
  return value instanceof PyInstance && value.attrs.has("_modules");
}

/** An unknown where a layer may be meant: the model may have more parameters than are seen. */
function unknownAttribute(py: Interpreter, target: Value, name: string, value: Unknown): void {
  if (value.plain || !(target instanceof PyInstance) || !target.attrs.has("_modules")) return;
  py.note("unknown-call", `${name}: ${value.reason}`);
}
