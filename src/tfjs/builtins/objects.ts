import { Unknown } from "../../base/unknown.ts";
import { blank, call, listed } from "../language/calls.ts";
import type { Machine } from "../language/machine.ts";
import { get, keysOf, set } from "../language/members.ts";
import { binary, toText, truth } from "../language/operators.ts";
import { Accessor, JsArray, JsFunction, JsObject, type Native, type Value } from "../language/values.ts";
import { methods, nativeClass } from "./globals.ts";

/** `Object`, `Function` and `Boolean`. */
export function installObjects(machine: Machine): void {
  const { object, function: functions, boolean } = machine.prototypes;
  const make: Native = (_, [value]) => (value instanceof JsObject ? value : machine.object());
  const cls = nativeClass(machine, "Object", object, make, ([value], newTarget) =>
    value instanceof JsObject ? value : blank(machine, newTarget),
  );
  methods(machine, object, {
    hasOwnProperty: (self: Value, [key]: readonly Value[]) => own(self, key),
    toString: (self: Value) => toText(self),
    valueOf: (self: Value) => self,
  });
  methods(machine, cls, objectFunctions(machine));
  methods(machine, functions, {
    call: (self, [first, ...rest]) => call(machine, self, first, rest),
    apply: (self, [first, list]) => {
      const args = list === undefined || list === null ? [] : listed(machine, list);
      return args instanceof Unknown ? args : call(machine, self, first, args);
    },
    bind: (self, [first, ...rest]) =>
      machine.native(self instanceof JsFunction ? self.name : "", (_, args) =>
        call(machine, self, first, [...rest, ...args]),
      ),
  });
  nativeClass(
    machine,
    "Function",
    functions,
    () => machine.unknown("code made from text is not followed"),
    () => machine.unknown("code made from text is not followed"),
  );
  const toBoolean: Native = (_, [value]) => truth(value);
  nativeClass(machine, "Boolean", boolean, toBoolean, (args) => toBoolean(undefined, args, undefined));
}

function own(object: Value, key: Value): Value {
  const name = toText(key);
  if (object instanceof Unknown) return object;
  if (name instanceof Unknown) return name;
  if (object instanceof JsArray) return keysOf(object).includes(name);
  return object instanceof JsObject && object.props.has(name);
}

function objectFunctions(machine: Machine): Record<string, Native> {
  /** The properties of an object, or why they are not known. */
  const entries = (object: Value): [string, Value][] | Unknown => {
    if (object instanceof Unknown) return object;
    if (!(object instanceof JsObject)) return [];
    return object.otherwise ?? keysOf(object).map((key) => [key, get(machine, object, key)] as [string, Value]);
  };
  const eachOf =
    (pick: (key: string, value: Value) => Value): Native =>
    (_, [object]) => {
      const found = entries(object);
      return found instanceof Unknown ? found : machine.array(found.map(([key, value]) => pick(key, value)));
    };
  return {
    keys: eachOf((key) => key),
    values: eachOf((_, value) => value),
    entries: eachOf((key, value) => machine.array([key, value])),
    assign: (_, [target, ...sources]) => {
      for (const source of sources) {
        if (target instanceof JsObject && source instanceof Unknown) target.otherwise = source;
        const found = entries(source);
        if (found instanceof Unknown) continue;
        for (const [key, value] of found) set(machine, target, key, value);
      }
      return target;
    },
    freeze: (_, [object]) => object,
    seal: (_, [object]) => object,
    fromEntries: (_, [list]) => {
      const items = listed(machine, list);
      if (items instanceof Unknown) return items;
      const made = machine.object();
      for (const item of items) {
        const [key, value] = item instanceof JsArray ? item.items : [];
        const name = toText(key);
        if (name instanceof Unknown) return name;
        made.props.set(name, value);
      }
      return made;
    },
    create: (_, [prototype]) => new JsObject(prototype instanceof JsObject ? prototype : null),
    getPrototypeOf: (_, [object]) => (object instanceof JsObject ? object.proto : undefined),
    setPrototypeOf: (_, [object, prototype]) => {
      if (object instanceof JsObject) object.proto = prototype instanceof JsObject ? prototype : null;
      return object;
    },
    defineProperty: (_, [object, key, how]) => {
      const name = toText(key);
      if (!(object instanceof JsObject) || !(how instanceof JsObject) || name instanceof Unknown) return object;
      const getter = how.find("get");
      if (getter instanceof JsFunction) object.props.set(name, new Accessor(getter, undefined));
      else object.props.set(name, get(machine, how, "value"));
      return object;
    },
    is: (_, [a, b]) => binary("===", a, b),
    hasOwn: (_, [object, key]) => own(object, key),
    getOwnPropertyNames: eachOf((key) => key),
  };
}
