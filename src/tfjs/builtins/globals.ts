/** What every program finds: the language's own objects. What a browser adds is not known. */
import { Unknown } from "../../base/unknown.ts";
import { integer } from "../../tensor/size.ts";
import { blank, call } from "../language/calls.ts";
import type { Machine } from "../language/machine.ts";
import { fromJson, jsonValue } from "../language/modules.ts";
import { toText } from "../language/operators.ts";
import {
  Accessor,
  isNullish,
  iteratorKey,
  JsArray,
  JsFunction,
  JsObject,
  JsPromise,
  type Native,
  type Value,
} from "../language/values.ts";
import { installArrays } from "./arrays.ts";
import { installCollections } from "./collections.ts";
import { installMath } from "./math.ts";
import { installObjects } from "./objects.ts";
import { installText } from "./text.ts";

/** A class of the language: its constructor, and what it is called as a function. */
export function nativeClass(
  machine: Machine,
  name: string,
  prototype: JsObject,
  run: Native,
  construct: (args: readonly Value[], newTarget: JsFunction) => Value,
): JsFunction {
  const cls = machine.native(name, run);
  cls.construct = construct;
  cls.props.set("prototype", prototype);
  prototype.props.set("constructor", cls);
  machine.globals.set(name, cls);
  return cls;
}

/** Methods of a prototype or functions of a namespace. */
export function methods(machine: Machine, on: JsObject, entries: Readonly<Record<string, Native>>): void {
  for (const [name, run] of Object.entries(entries)) on.props.set(name, machine.native(name, run));
}

export function installGlobals(machine: Machine): void {
  const { globals } = machine;
  globals.set("undefined", undefined).set("NaN", Number.NaN).set("Infinity", Number.POSITIVE_INFINITY);
  installObjects(machine);
  installArrays(machine);
  installText(machine);
  installMath(machine);
  installCollections(machine);
  installErrors(machine);
  installPromises(machine);
  const silent = machine.object();
  methods(machine, silent, Object.fromEntries(logging.map((name) => [name, () => undefined])));
  globals.set("console", silent);
  const json = machine.object();
  methods(machine, json, {
    parse: (_, [text]) => {
      const known = toText(text);
      return known instanceof Unknown ? known : jsonValue(machine, known);
    },
    stringify: (_, [value]) => {
      const plain = toJson(value);
      return plain instanceof Unknown ? plain : JSON.stringify(plain);
    },
  });
  globals.set("JSON", json);
  const symbol = machine.native("Symbol", () => machine.unknown("symbols are not followed"));
  symbol.props.set("iterator", iteratorKey).set("asyncIterator", iteratorKey);
  globals.set("Symbol", symbol);
  globals.set(
    "structuredClone",
    machine.native("structuredClone", (_, [value]) => {
      const plain = toJson(value);
      return plain instanceof Unknown ? plain : fromJson(machine, plain);
    }),
  );
}

const logging = "log warn error info debug table time timeEnd group groupEnd dir trace assert".split(" ");

/** A value as JSON has it; unknown where something in it is. */
export function toJson(value: Value, depth = 0): unknown {
  if (value instanceof Unknown) return value;
  if (depth > 60) return new Unknown("the value is nested too deep");
  if (!(value instanceof JsObject)) return isNullish(value) || typeof value !== "object" ? value : integer(value);
  if (value instanceof JsFunction) return undefined;
  if (value instanceof JsArray) {
    const items = value.items.map((item) => toJson(item, depth + 1));
    return items.find((item) => item instanceof Unknown) ?? items;
  }
  const plain: Record<string, unknown> = {};
  for (const [key, own] of value.props) {
    if (own instanceof Accessor || key.startsWith("@@") || key === "__proto__") continue;
    const one = toJson(own, depth + 1);
    if (one instanceof Unknown) return one;
    plain[key] = one;
  }
  return value.otherwise ?? plain;
}

function installErrors(machine: Machine): void {
  const { error } = machine.prototypes;
  error.props.set("name", "Error").set("message", "");
  methods(machine, error, { toString: (self: Value) => toText(self) });
  const make =
    () =>
    ([message]: readonly Value[], newTarget: JsFunction): Value => {
      const made = blank(machine, newTarget);
      if (message !== undefined) made.props.set("message", toText(message));
      made.props.set("stack", "");
      return made;
    };
  const base = nativeClass(machine, "Error", error, (_, args) => make()(args, base), make());
  for (const name of ["TypeError", "RangeError", "SyntaxError", "ReferenceError", "EvalError"]) {
    const prototype = new JsObject(error);
    prototype.props.set("name", name);
    const cls = nativeClass(machine, name, prototype, (_, args) => make()(args, cls), make());
  }
}

function installPromises(machine: Machine): void {
  const { promise } = machine.prototypes;
  const valueOf = (value: Value) => (value instanceof JsPromise ? value.value : value);
  const settled: Native = (self, [then]) => {
    const value = valueOf(self);
    return then instanceof JsFunction ? machine.promise(call(machine, then, undefined, [value])) : self;
  };
  methods(machine, promise, {
    // biome-ignore lint/suspicious/noThenProperty: this is what the interpreted program's promises have.
    then: settled,
    catch: (self) => self,
    finally: (self, [last]) => {
      if (last instanceof JsFunction) call(machine, last, undefined, []);
      return self;
    },
  });
  const cls = nativeClass(
    machine,
    "Promise",
    promise,
    () => undefined,
    ([run]) => {
      let value: Value = machine.unknown("what a promise gives is not known");
      const resolve = machine.native("resolve", (_, [given]) => {
        value = valueOf(given);
        return undefined;
      });
      if (run instanceof JsFunction)
        call(machine, run, undefined, [resolve, machine.native("reject", () => undefined)]);
      return machine.promise(value);
    },
  );
  const all: Native = (_, [list]) =>
    machine.promise(list instanceof JsArray ? machine.array(list.items.map(valueOf)) : list);
  methods(machine, cls, {
    resolve: (_, [value]) => machine.promise(value),
    reject: () => machine.unknown("a promise was rejected"),
    all,
    race: (_, [list]) => (list instanceof JsArray ? machine.promise(valueOf(list.items[0])) : list),
  });
}
