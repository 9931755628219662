/** Which models a file holds, and how each is built and called: by the strongest evidence there is. */
import type { Place } from "../base/place.ts";
import type { Scenario } from "../base/scenario.ts";
import { call } from "../python/calls.ts";
import { definitions } from "../python/compile/classes.ts";
import type { Interpreter } from "../python/interpreter.ts";
import { PyClass, type PyInstance, type PyModule, type Value } from "../python/values.ts";
import type { Module } from "../syntax/ast.ts";
import { showSize } from "../tensor/size.ts";
import type { BuiltLayer } from "../torch/modelTree.ts";
import { evaluate, guarded, inputTensor, parseTensor } from "../torch/session.ts";
import { guessArguments } from "./arguments.ts";
import { type Directive, isSilence, readDirective } from "./directive.ts";
import type { Evidence } from "./evidence.ts";
import type { RunFile } from "./file.ts";
import { candidateInputs, type Input } from "./inputs.ts";
import { inputType, scenarioNames } from "./names.ts";

/** A way to build a model and to call it. */
export interface Recipe {
  readonly className: string;
  /** The class's name in its definition, or the comment where the class is not the file's own. */
  readonly at: Place;
  readonly evidence: Evidence;
  readonly build: () => Value;
  /** Sets of arguments to try in order, given the built model. */
  readonly calls: (model: PyInstance, tree: BuiltLayer) => Call[];
  /** What was guessed on the way. */
  readonly guesses: readonly string[];
  /** What a person calls it, where that is not the class. */
  readonly name?: string | undefined;
  /** What it is weighed for, where that is not what the file is. */
  readonly scenario?: Scenario | undefined;
}

export interface Call {
  readonly args: readonly Value[];
  readonly keywords: ReadonlyMap<string, Value>;
  /** What it is given besides where it is trained: labels. */
  readonly targets?: ReadonlyMap<string, Value> | undefined;
  /** `int64[B, T]`. */
  readonly text: string;
  readonly guessed: boolean;
}

/** A directive that cannot be followed. */
export interface DirectiveProblem {
  readonly at: Place;
  readonly problem: string;
}

/** The models that comments of a file state. `isOpen`: the scenario leaves the type of the weights to the model. */
export function directiveRecipes(
  py: Interpreter,
  tree: Module,
  { module }: RunFile,
  scenario: Scenario,
  isOpen = false,
): { recipes: Recipe[]; problems: DirectiveProblem[] } {
  const recipes: Recipe[] = [];
  const problems: DirectiveProblem[] = [];
  for (const { text, span } of tree.directives) {
    if (isSilence(text)) continue;
    const at = { path: tree.path, ...span };
    const directive = readDirective(text, (source) => py.sources.parse("directive", source));
    if ("problem" in directive) problems.push({ at, problem: directive.problem });
    else if (!module.attrs.has(directive.name))
      problems.push({ at, problem: `${directive.name} is not defined in this file` });
    else {
      const dtype = isOpen ? namedType(directive.build) : undefined;
      const own: Scenario = dtype ? { ...scenario, dtype } : scenario;
      const recipe = statedRecipe(py, module, directive, { kind: "comment", text, at }, own);
      recipes.push(dtype ? { ...recipe, scenario: own } : recipe);
    }
  }
  return { recipes, problems };
}

/** A model built and called as a person wrote it down. */
export function statedRecipe(
  py: Interpreter,
  module: PyModule,
  directive: Directive,
  evidence: Evidence & { readonly at: Place },
  scenario: Scenario,
): Recipe {
  const { at } = evidence;
  const cls = module.attrs.get(directive.name);
  const names = scenarioNames(scenario);
  const value = (source: string): Value => {
    const tensor = parseTensor(source, names);
    return tensor
      ? inputTensor(py, inputType(tensor.dtype, scenario), tensor.shape)
      : evaluate(py, module, module.path, source);
  };
  const given = directive.args.length + directive.keywords.length > 0;
  return {
    className: directive.name,
    at: (cls instanceof PyClass && classPlace(cls)) || at,
    evidence,
    build: () => evaluate(py, module, module.path, directive.build),
    calls: (model, tree) =>
      given
        ? [
            {
              args: directive.args.map(value),
              keywords: new Map(directive.keywords.map(([name, source]) => [name, value(source)])),
              text: [...directive.args, ...directive.keywords.map(([name, source]) => `${name}=${source}`)].join(", "),
              guessed: false,
            },
          ]
        : inferredCalls(py, model, tree, scenario),
    guesses: [],
  };
}

/** The type that a building expression ends in: `Model().to(torch.bfloat16)`, `Model().half()`. */
function namedType(build: string): "bf16" | "fp16" | undefined {
  const type = /\.(?:to\(\s*(?:dtype\s*=\s*)?torch\.)?(bfloat16|float16|half)\(?\)$/.exec(build)?.[1];
  return type === undefined ? undefined : type === "bfloat16" ? "bf16" : "fp16";
}

/** A class built from its defaults and called with what its first layers take. */
export function defaultRecipe(
  py: Interpreter,
  cls: PyClass,
  { module }: RunFile,
  scenario: Scenario,
): Recipe | { readonly reason: string; readonly at: Place } | undefined {
  const at = classPlace(cls);
  if (!at) return undefined;
  const guess = guarded(py, () => guessArguments(py, cls, module));
  if ("reason" in guess) return { reason: guess.reason, at };
  return {
    className: cls.name,
    at,
    evidence: { kind: "defaults", text: `${cls.name}(${guess.text})`, at },
    build: () => call(py, cls, [], guess.keywords.size > 0 ? guess.keywords : null),
    calls: (model, tree) => inferredCalls(py, model, tree, scenario),
    guesses: guess.guesses,
  };
}

/** Inputs that the first layers take, in the order in which to try them. */
export function inferredCalls(py: Interpreter, model: PyInstance, tree: BuiltLayer, scenario: Scenario): Call[] {
  return candidateInputs(model, tree, scenario).map((inputs) => ({
    args: inputs.map((input) => inputTensor(py, inputType(input.dtype, scenario), input.shape)),
    keywords: new Map(),
    text: inputs.map(showInput).join(", "),
    guessed: true,
  }));
}

function showInput({ dtype, shape }: Input): string {
  return `${dtype}[${shape.map(showSize).join(", ")}]`;
}

/** The class's name where it is defined. */
export function classPlace(cls: PyClass): Place | undefined {
  const definition = definitions.get(cls);
  if (!definition) return undefined;
  const { firstLine, path } = definition.chunk;
  const { line, column, endLine, endColumn } = definition.node.nameSpan;
  return { path, line: firstLine + line, column, endLine: firstLine + endLine, endColumn };
}
