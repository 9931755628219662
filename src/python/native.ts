/** Functions of ours for Python code, declared with the signature that Python would show. */
import { Unknown } from "../base/unknown.ts";
import { Float } from "../tensor/scalar.ts";
import { raise } from "./errors.ts";
import type { Interpreter } from "./interpreter.ts";
import {
  type Keywords,
  NativeFunction,
  type NativeParameter,
  NativeProperty,
  type PyClass,
  PyClassMethod,
  PyDict,
  PyStaticMethod,
  PyTuple,
  type Value,
} from "./values.ts";

// biome-ignore lint/suspicious/noExplicitAny: a native declares the argument kinds that its signature gives it.
type Run = (py: Interpreter, ...args: any[]) => Value | void;

interface Options {
  /** Unknown arguments are passed on as they are; otherwise one unknown argument makes the result unknown. */
  readonly lenient?: boolean;
}

/**
 * `native("clamp(self, min=None, max=None)", (py, self, min, max) => …)`: arguments are bound as Python binds them and
 * come in the order of the signature; `*args` comes as a PyTuple, `**kwargs` as a PyDict with string keys. Returning
 * nothing returns None. Defaults are literals: None, True, False, numbers, quoted strings, `()`.
 */
export function native(signature: string, run: Run, { lenient = false }: Options = {}): NativeFunction {
  const open = signature.indexOf("(");
  const name = signature.slice(0, open);
  const parameters = parseParameters(signature.slice(open + 1, signature.lastIndexOf(")")));
  return new NativeFunction(name, parameters, run, lenient);
}

/** Puts methods into a native class, each with its signature (`self` included). */
export function define(cls: PyClass, methods: Readonly<Record<string, Run>>, options?: Options): void {
  for (const [signature, run] of Object.entries(methods)) {
    const func = native(signature, run, options);
    cls.dict.set(func.name, func);
  }
}

export function defineStatic(cls: PyClass, signature: string, run: Run, options?: Options): void {
  const func = native(signature, run, options);
  cls.dict.set(func.name, new PyStaticMethod(func));
}

/** The first parameter receives the class. */
export function defineClassMethod(cls: PyClass, signature: string, run: Run, options?: Options): void {
  const func = native(signature, run, options);
  cls.dict.set(func.name, new PyClassMethod(func));
}

// biome-ignore lint/suspicious/noExplicitAny: as for Run.
type Self = any;

export function defineProperty(
  cls: PyClass,
  name: string,
  get: (py: Interpreter, self: Self) => Value,
  set?: (py: Interpreter, self: Self, value: Value) => void,
): void {
  cls.dict.set(name, new NativeProperty(get, set));
}

/** Calls a native with Python's arguments. */
export function callNative(py: Interpreter, func: NativeFunction, args: readonly Value[], keywords: Keywords): Value {
  const bound =
    keywords === null && func.simple && args.length === func.parameters.length ? args : bind(func, args, keywords);
  if (!func.lenient) {
    for (const value of bound) if (value instanceof Unknown) return py.unknownArgument(func, value, bound);
  }
  const back = py.native;
  const { frame } = py;
  py.native = { frame, args: bound, mark: frame?.owned?.length ?? 0, back };
  try {
    return invoke(py, func, bound) ?? null;
  } finally {
    py.native = back;
  }
}

/** Short argument lists are passed without being spread: this is where most of the time of short natives would go. */
function invoke(py: Interpreter, func: NativeFunction, args: readonly Value[]): Value | void {
  switch (args.length) {
    case 1:
      return func.run(py, args[0] as Value);
    case 2:
      return func.run(py, args[0] as Value, args[1] as Value);
    case 3:
      return func.run(py, args[0] as Value, args[1] as Value, args[2] as Value);
    default:
      return func.run(py, ...args);
  }
}

function bind(func: NativeFunction, args: readonly Value[], keywords: Keywords): Value[] {
  const bound: Value[] = [];
  let next = 0;
  let used = 0;
  for (const parameter of func.parameters) {
    switch (parameter.kind) {
      case "var-positional":
        bound.push(new PyTuple(args.slice(next)));
        next = args.length;
        break;
      case "var-keyword": {
        const rest = new PyDict();
        for (const [name, value] of keywords ?? []) {
          if (!func.parameters.some((p) => p.name === name && p.kind !== "var-positional")) {
            rest.entries.set(name, [name, value]);
            used++;
          }
        }
        bound.push(rest);
        break;
      }
      default: {
        const named = keywords ? namedArgument(keywords, parameter) : undefined;
        if (parameter.kind === "positional" && next < args.length) bound.push(args[next++] as Value);
        else if (named !== undefined) {
          bound.push(named);
          used++;
        } else if (parameter.default !== undefined) bound.push(parameter.default);
        else raise("TypeError", `${func.name}() missing 1 required positional argument: '${parameter.name}'`);
      }
    }
  }
  if (next < args.length)
    raise("TypeError", `${func.name}() takes ${next} positional arguments but ${args.length} were given`);
  if (keywords && used < keywords.size) {
    const names = [...keywords.keys()].filter(
      (name) => !func.parameters.some((p) => p.name === name || p.aliases?.includes(name)),
    );
    raise("TypeError", `${func.name}() got an unexpected keyword argument '${names[0] ?? [...keywords.keys()][0]}'`);
  }
  return bound;
}

function namedArgument(keywords: ReadonlyMap<string, Value>, { name, aliases }: NativeParameter): Value | undefined {
  const named = keywords.get(name);
  if (named !== undefined || !aliases) return named;
  for (const alias of aliases) {
    const value = keywords.get(alias);
    if (value !== undefined) return value;
  }
  return undefined;
}

function parseParameters(text: string): NativeParameter[] {
  const parameters: NativeParameter[] = [];
  let keywordOnly = false;
  for (const part of text.split(/,(?![^(]*\))/).map((one) => one.trim())) {
    if (part === "" || part === "/") continue;
    if (part === "*") keywordOnly = true;
    else if (part.startsWith("**")) parameters.push({ name: part.slice(2), kind: "var-keyword", default: undefined });
    else if (part.startsWith("*")) {
      parameters.push({ name: part.slice(1), kind: "var-positional", default: undefined });
      keywordOnly = true;
    } else {
      const [name = "", value] = part.split(/\s*=\s*/);
      parameters.push({
        name,
        kind: keywordOnly ? "keyword-only" : "positional",
        default: value === undefined ? undefined : literal(value),
      });
    }
  }
  return parameters;
}

function literal(text: string): Value {
  if (text === "None") return null;
  if (text === "True" || text === "False") return text === "True";
  if (text === "()") return new PyTuple([]);
  if (/^["']/.test(text)) return text.slice(1, -1);
  const number = Number(text);
  if (Number.isNaN(number)) throw new Error(`no literal: ${text}`);
  return /[.e]/.test(text) ? new Float(number) : number;
}
