/**
 * PyTorch's functions as tables of signatures. One line serves `torch.f`, `Tensor.f`, `Tensor.f_` and
 * `torch.nn.functional.f`, wherever PyTorch has them.
 */
import { Unknown } from "../base/unknown.ts";
import { call } from "../python/calls.ts";
import { importModule } from "../python/imports.ts";
import type { Interpreter } from "../python/interpreter.ts";
import { native } from "../python/native.ts";
import { nativeClass } from "../python/types.ts";
import {
  NativeFunction,
  type NativeParameter,
  NativeProperty,
  type PyClass,
  PyTuple,
  type Value,
} from "../python/values.ts";
import { apply, applyInPlace } from "./apply.ts";
import { plainArgument } from "./arguments.ts";
import { replaceValue, TensorObject } from "./tensorObject.ts";

/**
 * Where a function is found: torch, Tensor, Tensor and torch with `_` appended, functional, special, linalg, fft. A `v` is
 * an in-place method that makes the tensor another view of its memory.
 */
export type Target = "t" | "m" | "i" | "v" | "F" | "s" | "l" | "f";

// biome-ignore lint/suspicious/noExplicitAny: a function declares the argument kinds that its signature gives it.
export type Run = (py: Interpreter, ...args: any[]) => Value | Planned | InPlace | void;

/** A call of one operation that has not run yet, so that the in-place form can run it in place. */
export class Planned {
  constructor(
    readonly op: string,
    readonly args: readonly Value[],
  ) {}
}

export function planned(op: string, ...args: Value[]): Planned {
  return new Planned(`aten.${op}`, args);
}

/** Runs an operation now. */
export function run(py: Interpreter, op: string, ...args: Value[]): Value {
  return apply(py, `aten.${op}`, args.map(plainArgument));
}

const spaces: Record<Target, Map<string, Value>> = {
  t: new Map(),
  m: new Map(),
  i: new Map(),
  v: new Map(),
  F: new Map(),
  s: new Map(),
  l: new Map(),
  f: new Map(),
};

/** The functions of a target, by name. */
export function functionsOf(target: Target): ReadonlyMap<string, Value> {
  return spaces[target];
}

/**
 * Functions that are one operation each. A line reads `tmi sub,subtract(input, other, *, alpha=1)`: targets, names,
 * signature; then `-> op(arguments)` where the operation is named or called otherwise, and `: names` where the result is
 * a named tuple. A parameter `inplace` decides where the result goes, and is not passed on.
 */
export function direct(lines: string): void {
  for (const line of lines.split("\n").map((one) => one.trim())) if (line) directLine(line);
}

function directLine(line: string): void {
  const match = /^(\w+) ([\w,]+)(\([^>]*?\))(?: -> (\w+)(\(.*\))?)?(?: : ([\w ]+))?$/.exec(line);
  if (!match) throw new Error(`not a line of the table: ${line}`);
  const [, targets = "", names = "", signature = "", op = names.split(",")[0] as string, passed, fields] = match;
  const parameters = native(`f${signature}`, () => null).parameters;
  const at = new Map(parameters.map(({ name }, i) => [name, i]));
  const pass = passed
    ?.slice(1, -1)
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "");
  const order = pass ?? parameters.map(({ name }) => name).filter((name) => name !== "inplace");
  const literals = order.map((name) => (at.has(name) ? undefined : literalOf(name)));
  const indices = order.map((name) => at.get(name) ?? -1);
  const inplace = at.get("inplace");
  const named = fields ? tupleClass(names.split(",")[0] as string, fields.split(" ")) : undefined;
  add(
    targets,
    names,
    signature,
    (_py, ...args: Value[]) => {
      const plan = new Planned(
        `aten.${op}`,
        indices.map((i, k) => (i < 0 ? (literals[k] as Value) : (args[i] as Value))),
      );
      return inplace !== undefined && args[inplace] === true ? new InPlace(plan) : plan;
    },
    named,
  );
}

function literalOf(text: string): Value {
  return native(`f(x=${text})`, () => null).parameters[0]?.default ?? null;
}

/** A plan that a function was told to run in place. */
export class InPlace {
  constructor(readonly plan: Planned) {}
}

/** Functions written out, keyed by `targets name,alias(signature)`. */
export function defineFunctions(
  functions: Readonly<Record<string, Run>>,
  { lenient = false }: { lenient?: boolean } = {},
): void {
  for (const [key, body] of Object.entries(functions)) {
    const match = /^(\w+) ([\w,]+)(\(.*\))$/.exec(key);
    if (!match) throw new Error(`not a key of the table: ${key}`);
    const [, targets = "", names = "", signature = ""] = match;
    add(targets, names, signature, body, undefined, lenient);
  }
}

function add(targets: string, names: string, signature: string, body: Run, named?: PyClass, lenient = true): void {
  for (const name of names.split(",")) {
    for (const target of targets) {
      const made = makeNative(name, signature, body, target as Target, named, lenient);
      if (target === "v") spaces.m.set(`${name}_`, made);
      else if (target === "i") {
        spaces.m.set(`${name}_`, made);
        if (!spaces.t.has(`${name}_`)) spaces.t.set(`${name}_`, made);
      } else spaces[target as Target].set(name, made);
    }
  }
}

function makeNative(
  name: string,
  signature: string,
  body: Run,
  target: Target,
  named: PyClass | undefined,
  lenient: boolean,
): NativeFunction {
  const inPlace = target === "i" || target === "v";
  const { parameters } = native(`f${signature}`, () => null);
  const takesOut =
    "tslf".includes(target) && !parameters.some((one) => one.name === "out" || one.kind === "var-keyword");
  const all = takesOut ? [...parameters, { name: "out", kind: "keyword-only", default: null } as const] : parameters;
  const run = (py: Interpreter, ...args: Value[]): Value => {
    const out = takesOut ? (args[all.length - 1] as Value) : null;
    const made = body(py, ...(takesOut ? args.slice(0, -1) : args));
    if (target === "v") return reviewed(py, args[0] as Value, finish(py, made, false, null));
    const result = finish(py, made, inPlace, args[0] as Value);
    const shown = named && result instanceof PyTuple ? new PyTuple(result.items, named) : result;
    return out === null ? shown : written(py, out, shown);
  };
  return new NativeFunction(inPlace ? `${name}_` : name, all.map(withAliases), run, lenient);
}

function finish(py: Interpreter, result: Value | Planned | InPlace | void, inPlace: boolean, self: Value): Value {
  if (result instanceof Planned) return runPlan(py, result, inPlace);
  if (result instanceof InPlace) return runPlan(py, result.plan, true);
  const value = result ?? null;
  if (!inPlace || !(self instanceof TensorObject) || value === self) return value;
  return value instanceof TensorObject ? applyInPlace(py, "aten.copy", [self, value]) : value;
}

/** The tensor, now with the shape and strides of a view of it. */
function reviewed(py: Interpreter, self: Value, view: Value): Value {
  if (self instanceof TensorObject && view instanceof TensorObject) replaceValue(py, self, view.value);
  return self;
}

function runPlan(py: Interpreter, { op, args }: Planned, inPlace: boolean): Value {
  const plain = args.map(plainArgument);
  if (inPlace && args[0] instanceof Unknown) return args[0];
  return inPlace ? applyInPlace(py, op, plain) : apply(py, op, plain);
}

/** What `out=` gives: the tensors given take on the results. */
function written(py: Interpreter, out: Value, result: Value): Value {
  if (out instanceof TensorObject && result instanceof TensorObject) replaceValue(py, out, result.value);
  else if (out instanceof PyTuple && result instanceof PyTuple) {
    out.items.forEach((one, i) => {
      written(py, one, result.items[i] as Value);
    });
  } else return result;
  return out;
}

/** PyTorch takes NumPy's names as well. */
const aliases: Readonly<Record<string, readonly string[]>> = {
  input: ["self", "x"],
  dim: ["axis"],
  keepdim: ["keepdims"],
  other: ["x2"],
};

function withAliases(parameter: NativeParameter): NativeParameter {
  const known = aliases[parameter.name];
  return known ? { ...parameter, aliases: known } : parameter;
}

const tupleClasses = new Map<string, PyClass>();

/** A class like `torch.return_types.max`: a tuple whose items have names. */
export function tupleClass(name: string, fields: readonly string[]): PyClass {
  const key = `${name} ${fields.join(" ")}`;
  const known = tupleClasses.get(key);
  if (known) return known;
  const cls = nativeClass(name, "tuple", PyTuple.type, "torch.return_types");
  fields.forEach((field, i) => {
    cls.dict.set(field, new NativeProperty((_py, self) => (self as PyTuple).items[i] as Value));
  });
  tupleClasses.set(key, cls);
  return cls;
}

/** Functions of a Python file of ours, found when they are first called. A line is `targets names`. */
export function fromPython(module: string, lines: string): void {
  for (const line of lines.split("\n").map((one) => one.trim())) {
    if (!line) continue;
    const [targets = "", ...names] = line.split(" ");
    for (const name of names) {
      const made = new NativeFunction(
        name,
        everything,
        (py, args, keywords) => forward(py, module, name, args as PyTuple, keywords),
        true,
      );
      for (const target of targets) {
        if (target === "i") throw new Error(`${name}: Python functions have no in-place form`);
        spaces[target as Target].set(name, made);
      }
    }
  }
}

const everything: readonly NativeParameter[] = native("f(*args, **kwargs)", () => null).parameters;

function forward(py: Interpreter, module: string, name: string, args: PyTuple, keywords: Value): Value {
  const found = importModule(py, module);
  if (found instanceof Unknown) return found;
  return call(py, found.attrs.get(name) as Value, args.items, keywordsOf(keywords));
}

function keywordsOf(dict: Value): ReadonlyMap<string, Value> | null {
  const { entries } = dict as unknown as { entries: ReadonlyMap<unknown, readonly [Value, Value]> };
  if (entries.size === 0) return null;
  return new Map([...entries.values()].map(([name, value]) => [name as string, value]));
}
