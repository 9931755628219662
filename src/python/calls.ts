/** Calling Python's callables, and binding arguments to parameters. */
import { Unknown } from "../base/unknown.ts";
import { findAttribute, getAttribute } from "./attributes.ts";
import { type Code, Completion, type Frame } from "./code.ts";
import { PyError, raise } from "./errors.ts";
import { makeInstance } from "./instances.ts";
import { type Interpreter, placeOf } from "./interpreter.ts";
import { callNative } from "./native.ts";
import { readCell, reading, readValue } from "./remember/reads.ts";
import { typeOf, types } from "./types.ts";
import {
  BoundMethod,
  type Keywords,
  NativeFunction,
  PyCell,
  PyClass,
  PyDict,
  PyFunction,
  PyGenerator,
  PyStaticMethod,
  PyTuple,
  type Value,
} from "./values.ts";

/** Calls anything callable. Raises TypeError for what is not; an unknown callee gives what the hooks make of it. */
export function call(py: Interpreter, func: Value, args: readonly Value[], keywords: Keywords = null): Value {
  if (func instanceof PyFunction) return callFunction(py, func, args, keywords);
  if (func instanceof BoundMethod) return call(py, func.func, withFirst(func.self, args), keywords);
  if (func instanceof NativeFunction) return callNative(py, func, args, keywords);
  if (func instanceof PyClass) return instantiate(py, func, args, keywords);
  if (func instanceof Unknown) return py.hooks.unknownCall(py, func, keywords ? [...args, ...keywords.values()] : args);
  if (func instanceof PyStaticMethod) return call(py, func.func, args, keywords);
  const method = typeOf(func).lookup("__call__");
  if (method !== undefined) return call(py, method, withFirst(func, args), keywords);
  const { unknownBase } = typeOf(func);
  if (unknownBase) return py.hooks.unknownCall(py, unknownBase, keywords ? [...args, ...keywords.values()] : args);
  return raise("TypeError", `'${typeOf(func).name}' object is not callable`);
}

/** Arguments with one more in front. */
export function withFirst(first: Value, args: readonly Value[]): Value[] {
  const all = new Array<Value>(args.length + 1);
  all[0] = first;
  for (let i = 0; i < args.length; i++) all[i + 1] = args[i] as Value;
  return all;
}

export function callMethod(py: Interpreter, value: Value, name: string, ...args: Value[]): Value {
  return call(py, getAttribute(py, value, name), args);
}

/** Whether `call` would find something to call. */
export function isCallable(value: Value): boolean {
  if (
    value instanceof PyFunction ||
    value instanceof BoundMethod ||
    value instanceof NativeFunction ||
    value instanceof PyClass
  )
    return true;
  return typeOf(value).lookup("__call__") !== undefined;
}

function instantiate(py: Interpreter, cls: PyClass, args: readonly Value[], keywords: Keywords): Value {
  if (cls === types.type && args.length === 1 && keywords === null) {
    const [value] = args as [Value];
    return value instanceof Unknown ? value : typeOf(value);
  }
  if (cls.cls !== types.type) {
    const custom = cls.cls.lookup("__call__");
    if (custom !== undefined && custom !== types.type.dict.get("__call__"))
      return call(py, custom, withFirst(cls, args), keywords);
  }
  return makeInstance(py, cls, args, keywords);
}

/** Calls a function written in Python. */
export function callFunction(py: Interpreter, func: PyFunction, args: readonly Value[], keywords: Keywords): Value {
  const { code } = func;
  code.prepare?.();
  const slots: (Value | undefined)[] = new Array(code.slots.length).fill(undefined);
  const cells = code.cells.length + code.free.length === 0 ? noCells : frameCells(func, code.cells.length);
  if (reading.now) readFunction(func);
  const frame: Frame = {
    py,
    code,
    module: func.module,
    func,
    slots,
    cells,
    names: undefined,
    at: code.span,
    result: null,
    temporaries: [],
    owned: undefined,
    handling: undefined,
    back: py.frame,
  };
  if (code.simple && keywords === null && args.length === code.positional) {
    for (let i = 0; i < args.length; i++) slots[i] = args[i] as Value;
  } else bindArguments(func, slots, args, keywords);
  if (cells !== noCells) {
    for (const { cell, slot } of code.parameters) if (cell !== undefined) (cells[cell] as PyCell).value = slots[slot];
  }
  if (code.runGenerator) return startGenerator(frame);
  return runFrame(py, frame);
}

const noCells: PyCell[] = [];

/** What a function has from where it was made. */
function readFunction(func: PyFunction): void {
  readValue(func);
  for (const cell of func.cells) readCell(cell);
}

/** The cells taken from outside, then fresh ones. */
function frameCells(func: PyFunction, own: number): PyCell[] {
  const cells = func.cells.slice();
  for (let i = 0; i < own; i++) cells.push(new PyCell());
  return cells;
}

/** What a call made and did not release is its caller's to release. */
function handOver(frame: Frame, back: Frame | undefined): void {
  if (!back) return;
  if (back.owned) for (const object of frame.owned as unknown[]) back.owned.push(object);
  else back.owned = frame.owned;
  frame.owned = undefined;
}

/** Runs a frame that is ready, and takes its watched objects over to the caller. */
export function runFrame(py: Interpreter, frame: Frame): Value {
  py.budget.step();
  py.budget.enter();
  const back = py.frame;
  py.frame = frame;
  py.bodies?.set(frame.code, (py.bodies.get(frame.code) ?? 0) + 1);
  try {
    const how = (frame.code.run as (frame: Frame) => Completion)(frame);
    return how === Completion.Return ? frame.result : null;
  } catch (error) {
    if (error instanceof PyError) error.trace.push(placeOf(frame));
    throw error;
  } finally {
    py.budget.leave();
    py.frame = back;
    if (frame.owned) handOver(frame, back);
  }
}

function startGenerator(frame: Frame): Value {
  const run = frame.code.runGenerator as (frame: Frame) => Generator<Value, Completion, Value>;
  // A coroutine is run where it is awaited; nothing here happens in parallel.
  return new PyGenerator(
    (function* () {
      const how = yield* run(frame);
      return how === Completion.Return ? frame.result : null;
    })(),
    frame,
  );
}

/** Resumes a generator: its next value, or undefined at its end (`generator.frame.result` is what it returned). */
export function resume(py: Interpreter, generator: PyGenerator, sent: Value, thrown?: PyError): Value | undefined {
  if (generator.finished) {
    if (thrown) throw thrown;
    return undefined;
  }
  if (generator.running) raise("ValueError", "generator already executing");
  py.budget.step();
  py.budget.enter();
  const back = py.frame;
  py.frame = generator.frame;
  generator.running = true;
  try {
    const { done, value } = thrown ? generator.body.throw(thrown) : generator.body.next(sent);
    if (!done) return value;
    generator.finished = true;
    generator.frame.result = value;
    return undefined;
  } catch (error) {
    generator.finished = true;
    if (error instanceof PyError) error.trace.push(placeOf(generator.frame));
    throw error;
  } finally {
    generator.running = false;
    py.budget.leave();
    py.frame = back;
    if (generator.frame.owned) handOver(generator.frame, back);
  }
}

/** Binds arguments as Python does. Raises TypeError with Python's words. */
function bindArguments(
  func: PyFunction,
  slots: (Value | undefined)[],
  args: readonly Value[],
  keywords: Keywords,
): void {
  const { code, defaults } = func;
  const { parameters } = code;
  let next = 0;
  let used = 0;
  for (let i = 0; i < parameters.length; i++) {
    const { name, kind, slot } = parameters[i] as (typeof parameters)[number];
    if (kind === "var-positional") {
      slots[slot] = new PyTuple(args.slice(next));
      next = args.length;
      continue;
    }
    if (kind === "var-keyword") {
      const dict = new PyDict();
      if (keywords && used < keywords.size) {
        for (const [key, value] of keywords) if (!isNamed(code, key)) dict.entries.set(key, [key, value]);
        used = keywords.size;
      }
      slots[slot] = dict;
      continue;
    }
    if (kind !== "keyword-only" && next < args.length) {
      slots[slot] = args[next++];
      if (kind === "positional" && keywords?.has(name)) {
        raise("TypeError", `${func.qualname}() got multiple values for argument '${name}'`);
      }
      continue;
    }
    const named = kind === "positional-only" ? undefined : keywords?.get(name);
    if (named !== undefined) {
      slots[slot] = named;
      used++;
      continue;
    }
    const otherwise = defaults[i];
    if (otherwise === undefined) {
      const what = kind === "keyword-only" ? "keyword-only" : "positional";
      raise("TypeError", `${func.qualname}() missing 1 required ${what} argument: '${name}'`);
    }
    slots[slot] = otherwise;
  }
  if (next < args.length) {
    raise(
      "TypeError",
      `${func.qualname}() takes ${code.positional} positional arguments but ${args.length} were given`,
    );
  }
  if (keywords && used < keywords.size) {
    const [unexpected] = [...keywords.keys()].filter((name) => !isNamed(code, name));
    raise("TypeError", `${func.qualname}() got an unexpected keyword argument '${unexpected}'`);
  }
}

/** Whether a parameter takes the keyword. */
function isNamed({ parameters }: Code, name: string): boolean {
  for (const one of parameters) {
    if (one.name === name && (one.kind === "positional" || one.kind === "keyword-only")) return true;
  }
  return false;
}

/** The method of the class (not of the instance) bound to the value, as operators and `with` look it up. */
export function specialMethod(py: Interpreter, value: Value, name: string): Value | undefined {
  if (value instanceof Unknown) return value;
  const found = typeOf(value).lookup(name);
  if (found === undefined || found === null) return undefined;
  return found instanceof PyFunction || found instanceof NativeFunction
    ? new BoundMethod(value, found)
    : findAttribute(py, value, name);
}
