/** Putting values into names, members and patterns. */
import { Unknown } from "../../base/unknown.ts";
import type { Pattern, VariableNode } from "../../syntax/script/ast.ts";
import { listed } from "./calls.ts";
import { evaluate } from "./evaluate.ts";
import { named } from "./functions.ts";
import { isLibrary, type Machine } from "./machine.ts";
import { get, keyOf, keysOf, set } from "./members.ts";
import type { Scope } from "./scope.ts";
import { isNullish, JsArray, JsObject, type Value } from "./values.ts";

/** Assigns to what is declared elsewhere. */
export function assign(machine: Machine, target: Pattern, value: Value, scope: Scope): void {
  put(machine, target, value, scope, (name, one) => {
    const holder = scope.holder(name);
    if (holder) holder.names.set(name, one);
    else machine.globals.set(name, one);
  });
}

/** Declares the names of a pattern. */
export function declare(
  machine: Machine,
  target: Pattern,
  value: Value,
  scope: Scope,
  kind: VariableNode["scope"],
): void {
  const into = kind === "var" ? scope.outer : scope;
  put(machine, target, value, scope, (name, one) => void into.names.set(name, one));
}

/** The name that a function is given where it has none. */
export function nameOfTarget(target: Pattern): string {
  if (target.kind === "Name") return target.name;
  if (target.kind === "Target" && target.target.kind === "Member" && typeof target.target.property === "string")
    return target.target.property;
  return "";
}

function put(
  machine: Machine,
  target: Pattern,
  value: Value,
  scope: Scope,
  store: (name: string, value: Value) => void,
): void {
  switch (target.kind) {
    case "Name":
      store(target.name, value);
      if (machine.assigned && !isLibrary(scope.script)) machine.assigned(scope, target.name, target, value);
      return;
    case "Target":
      putMember(machine, target, value, scope);
      return;
    case "Default": {
      const own =
        value === undefined ? named(evaluate(machine, target.value, scope), nameOfTarget(target.target)) : value;
      put(machine, target.target, own, scope, store);
      return;
    }
    case "Rest":
      put(machine, target.target, value, scope, store);
      return;
    case "ArrayPattern":
      putArray(machine, target, value, scope, store);
      return;
    case "ObjectPattern":
      putObject(machine, target, value, scope, store);
  }
}

function putMember(machine: Machine, { target }: Pattern & { kind: "Target" }, value: Value, scope: Scope): void {
  if (target.kind === "Name") return;
  if (target.kind !== "Member") return;
  const object = target.object.kind === "Super" ? scope.frame.self : evaluate(machine, target.object, scope);
  const key = typeof target.property === "string" ? target.property : keyOf(evaluate(machine, target.property, scope));
  if (key instanceof Unknown) {
    if (object instanceof JsObject) object.otherwise = key;
    return;
  }
  set(machine, object, key, value);
  if (machine.assigned && !isLibrary(scope.script)) machine.assigned(scope, key, target.at, value);
}

function putArray(
  machine: Machine,
  target: Pattern & { kind: "ArrayPattern" },
  value: Value,
  scope: Scope,
  store: (name: string, value: Value) => void,
): void {
  const items = listed(machine, value);
  target.items.forEach((item, i) => {
    if (!item) return;
    if (items instanceof Unknown) put(machine, item, items, scope, store);
    else if (item.kind === "Rest") put(machine, item.target, machine.array(items.slice(i)), scope, store);
    else put(machine, item, items[i], scope, store);
  });
}

function putObject(
  machine: Machine,
  target: Pattern & { kind: "ObjectPattern" },
  value: Value,
  scope: Scope,
  store: (name: string, value: Value) => void,
): void {
  if (isNullish(value)) return machine.fail(`Cannot destructure ${String(value)}`, "TypeError");
  const taken = new Set<string>();
  for (const { key, value: part } of target.members) {
    const name = typeof key === "string" ? key : keyOf(evaluate(machine, key, scope));
    if (name instanceof Unknown) {
      put(machine, part, name, scope, store);
      continue;
    }
    taken.add(name);
    put(machine, part, get(machine, value, name), scope, store);
  }
  if (!target.rest) return;
  const others =
    value instanceof JsObject && !(value instanceof JsArray)
      ? keysOf(value)
          .filter((key) => !taken.has(key))
          .map((key) => [key, get(machine, value, key)] as const)
      : [];
  const rest = machine.object(others);
  if (value instanceof JsObject && value.otherwise) rest.otherwise = value.otherwise;
  put(machine, target.rest, value instanceof Unknown ? value : rest, scope, store);
}
