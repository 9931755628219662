/** Models that running code builds and calls: a file's own `__main__` block, its module level, scripts that use it. */
import type { Place } from "../base/place.ts";
import type { Scenario } from "../base/scenario.ts";
import { Unknown } from "../base/unknown.ts";
import { definitions } from "../python/compile/classes.ts";
import { runStatements } from "../python/compile/modules.ts";
import type { Interpreter } from "../python/interpreter.ts";
import { PyDict, PyInstance, PyList, PyModule, PyTuple, type Value } from "../python/values.ts";
import type { Chunk, Module, Statement } from "../syntax/ast.ts";
import { showSize } from "../tensor/size.ts";
import { userPlace } from "../torch/apply.ts";
import { isModule } from "../torch/modelTree.ts";
import { guarded, inputTensor } from "../torch/session.ts";
import { TensorObject, tracerOf } from "../torch/tensorObject.ts";
import { mainBlock, type RunFile } from "./file.ts";
import { type Call, classPlace, inferredCalls, type Recipe } from "./models.ts";
import { inputType } from "./names.ts";

/** A model that was seen, and its first call where it was called. */
interface Seen {
  readonly model: PyInstance;
  readonly at: Place | undefined;
  readonly args: readonly Value[];
  readonly keywords: ReadonlyMap<string, Value>;
}

/** Steps that a script may take until its models have been called: training for epochs says nothing new. */
const scriptSteps = 1_000_000;

/** More models than this in one script are a sweep: the first ones stand for it. */
const mostModels = 8;

/** Watches for models of a file that are called outside every other model while `run` runs. */
export function watchCalls(py: Interpreter, path: string, run: () => void): Seen[] {
  const seen = new Map<PyInstance, Seen>();
  const tracer = tracerOf(py);
  tracer.onRootCall = (model, args, keywords) => {
    if (!(model instanceof PyInstance) || seen.has(model) || seen.size >= mostModels) return;
    if (definitions.get(model.cls)?.chunk.path !== path) return;
    seen.set(model, {
      model,
      at: userPlace(py),
      args: args as readonly Value[],
      keywords: keywords as ReadonlyMap<string, Value>,
    });
  };
  const whole = py.budget;
  py.budget = whole.part(scriptSteps);
  guarded(py, run);
  py.budget = whole;
  tracer.onRootCall = undefined;
  return [...seen.values()];
}

/** How the file's own `__main__` block builds and calls its models: it is run, within its budget, and watched. */
export function mainRecipes(py: Interpreter, tree: Module, { module }: RunFile, scenario: Scenario): Recipe[] {
  const statements = mainBlock(tree);
  if (statements.length === 0) return [];
  return watchCalls(py, tree.path, () => runStatements(py, module, statements)).flatMap((seen) =>
    recipe(py, seen, "main", scenario),
  );
}

/** How scripts of the workspace that name one of the classes build and call it. */
export function scriptRecipes(py: Interpreter, tree: Module, { classes }: RunFile, scenario: Scenario): Recipe[] {
  const names = classes.map(({ name }) => name);
  if (names.length === 0) return [];
  const uses = new RegExp(`\\b(${names.join("|")})\\b`);
  const scripts = (py.sources.scripts?.(tree.path) ?? [])
    .filter((path) => path !== tree.path && uses.test(py.sources.text(path) ?? ""))
    .slice(0, mostScripts);
  return scripts.flatMap((path) => {
    const script = py.sources.module(path);
    if (!script) return [];
    const seen = watchCalls(py, tree.path, () => runScript(py, script));
    return seen.flatMap((one) => recipe(py, one, "call", scenario));
  });
}

/** Scripts that use a file beyond these are not run. */
const mostScripts = 4;

/** Runs a script as `python script.py` does. */
function runScript(
  py: Interpreter,
  { path, statements }: { readonly path: string; readonly statements: readonly { chunk: Chunk; node: Statement }[] },
): void {
  const module = new PyModule(
    "__main__",
    path,
    new Map<string, Value>([
      ["__name__", "__main__"],
      ["__file__", path],
    ]),
  );
  runStatements(py, module, statements);
}

function recipe(
  py: Interpreter,
  { model, args, keywords, at }: Seen,
  kind: "main" | "call",
  scenario: Scenario,
): Recipe[] {
  const place = classPlace(model.cls);
  if (!place || !isModule(model)) return [];
  const shown = (value: Value) =>
    value instanceof TensorObject ? `${value.value.dtype}[${value.value.shape.map(showSize).join(", ")}]` : "…";
  const text = [...args.map(shown), ...[...keywords].map(([name, value]) => `${name}=${shown(value)}`)].join(", ");
  const given: Call = {
    args: args.map((arg) => fresh(py, arg, scenario)),
    keywords: new Map([...keywords].map(([name, arg]) => [name, fresh(py, arg, scenario)])),
    text,
    guessed: false,
  };
  // A script that reads its data from files says how the model is built, not what it is called with.
  const isWhole = [...args, ...keywords.values()].every((arg) => isKnownInput(arg));
  const calls: Recipe["calls"] = (built, tree) => (isWhole ? [given] : inferredCalls(py, built, tree, scenario));
  return [
    {
      className: model.cls.name,
      at: place,
      evidence: { kind, text: `${model.cls.name}(…)`, at },
      build: () => model,
      calls,
      guesses: [],
    },
  ];
}

/** Whether nothing of a value is unknown: no size of a tensor, no item of a container. */
function isKnownInput(value: Value): boolean {
  if (value instanceof Unknown) return false;
  if (value instanceof TensorObject) return !value.value.shape.some((size) => size instanceof Unknown);
  if (value instanceof PyList || value instanceof PyTuple) return value.items.every(isKnownInput);
  return !(value instanceof PyDict) || [...value.entries.values()].every(([, item]) => isKnownInput(item));
}

/** A tensor handed to another pass: an input of it. */
function fresh(py: Interpreter, value: Value, scenario: Scenario): Value {
  return value instanceof TensorObject
    ? inputTensor(py, inputType(value.value.dtype, scenario), value.value.shape)
    : value;
}
