/** Arrays, objects and lists of arguments as they are written. */
import { Unknown } from "../../base/unknown.ts";
import type { Expression } from "../../syntax/script/ast.ts";
import { listed } from "./calls.ts";
import { evaluate } from "./evaluate.ts";
import { named } from "./functions.ts";
import type { Machine } from "./machine.ts";
import { keyOf } from "./members.ts";
import type { Scope } from "./scope.ts";
import { Accessor, JsArray, JsFunction, JsObject, type Value } from "./values.ts";

export function arrayValue(machine: Machine, items: readonly (Expression | undefined)[], scope: Scope): Value {
  const values = spreadValues(machine, items, scope);
  return values instanceof Unknown ? values : machine.array(values);
}

export function spreadValues(
  machine: Machine,
  items: readonly (Expression | undefined)[],
  scope: Scope,
): readonly Value[] | Unknown {
  const values: Value[] = [];
  for (const item of items) {
    if (item?.kind !== "Spread") {
      values.push(item && evaluate(machine, item, scope));
      continue;
    }
    const more = listed(machine, evaluate(machine, item.value, scope));
    if (more instanceof Unknown) return more;
    machine.budget.allocate(more.length);
    for (const one of more) values.push(one);
  }
  return values;
}

export function objectValue(machine: Machine, node: Expression & { kind: "Object" }, scope: Scope): Value {
  const object = machine.object();
  for (const { kind, key, value } of node.members) {
    if (kind === "spread") {
      const from = evaluate(machine, value, scope);
      if (from instanceof Unknown) object.otherwise = from;
      if (from instanceof JsArray) from.items.forEach((item, i) => void object.props.set(String(i), item));
      else if (from instanceof JsObject) {
        for (const [name, one] of from.props) if (!(one instanceof Accessor)) object.props.set(name, one);
        if (from.otherwise) object.otherwise = from.otherwise;
      }
      continue;
    }
    const name = typeof key === "string" ? key : keyOf(evaluate(machine, key, scope));
    if (name instanceof Unknown) {
      object.otherwise = name;
      continue;
    }
    if (kind === "value") {
      object.props.set(name, named(evaluate(machine, value, scope), name));
      continue;
    }
    const func = evaluate(machine, value, scope);
    const before = object.props.get(name);
    const [getter, setter] = before instanceof Accessor ? [before.get, before.set] : [undefined, undefined];
    if (func instanceof JsFunction)
      object.props.set(name, kind === "get" ? new Accessor(func, setter) : new Accessor(getter, func));
  }
  return object;
}
