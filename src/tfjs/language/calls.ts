/** Calling functions and making objects. */
import { Unknown } from "../../base/unknown.ts";
import type { Machine } from "./machine.ts";
import { JsArray, JsFunction, JsMap, JsObject, JsSet, type Value } from "./values.ts";

/** What a call gives. What is unknown may do anything with what it is given, so it gives something unknown. */
export function call(machine: Machine, callee: Value, self: Value, args: readonly Value[]): Value {
  if (callee instanceof Unknown) return callee;
  if (!(callee instanceof JsFunction)) return machine.fail("the value that is called is not a function", "TypeError");
  machine.called.add(callee);
  machine.budget.step();
  machine.budget.enter();
  const { depth } = machine.budget;
  try {
    return callee.run(self, args, undefined);
  } finally {
    machine.budget.depth = depth - 1;
  }
}

export function construct(machine: Machine, callee: Value, args: readonly Value[], newTarget?: JsFunction): Value {
  if (callee instanceof Unknown) return callee;
  if (!(callee instanceof JsFunction) || !callee.construct)
    return machine.fail("the value behind new is not a constructor", "TypeError");
  machine.called.add(callee);
  machine.budget.step();
  machine.budget.enter();
  const { depth } = machine.budget;
  try {
    return callee.construct(args, newTarget ?? callee);
  } finally {
    machine.budget.depth = depth - 1;
  }
}

/** The object that a constructor of a class starts with. */
export function blank(machine: Machine, newTarget: JsFunction): JsObject {
  const prototype = newTarget.find("prototype");
  return new JsObject(prototype instanceof JsObject ? prototype : machine.prototypes.object);
}

/** What a loop or spread goes over; unknown where it is not known. Throws the program's TypeError where it cannot be gone over. */
export function listed(machine: Machine, value: Value): readonly Value[] | Unknown {
  if (value instanceof Unknown) return value;
  if (value instanceof JsObject && value.opaque) return value.opaque;
  if (value instanceof JsArray) return [...value.items];
  if (typeof value === "string") return [...value];
  if (value instanceof JsMap) return [...value.entries].map((entry) => machine.array(entry));
  if (value instanceof JsSet) return [...value.members];
  if (value instanceof JsObject) {
    const iterator = value.find("@@iterator");
    if (iterator instanceof Unknown) return iterator;
    if (iterator instanceof JsFunction) return listed(machine, call(machine, iterator, value, []));
  }
  return machine.fail("the value is not iterable", "TypeError");
}
