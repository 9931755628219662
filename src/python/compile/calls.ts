/** Calls: arguments in order, `super()`, everything held that must outlive the evaluation of what follows it. */
import { Unknown } from "../../base/unknown.ts";
import type { Expression } from "../../syntax/ast.ts";
import { getAttribute, methodOf } from "../attributes.ts";
import { call } from "../calls.ts";
import type { Evaluate, Frame } from "../code.ts";
import { raise } from "../errors.ts";
import { iterate } from "../iteration.ts";
import { textOf } from "../numbers.ts";
import { getItem } from "../subscripts.ts";
import { typeOf } from "../types.ts";
import { type Keywords, type PyCell, PyClass, PyDict, PySuper, type Value } from "../values.ts";
import { compileExpression, mayRun } from "./expressions.ts";
import { compileItems } from "./items.ts";
import type { Scope } from "./scope.ts";

type Call = Expression & { kind: "Call" };

export function compileCall(node: Call, scope: Scope): Evaluate {
  const { func, args, keywords } = node;
  if (func.kind === "Name" && func.id === "super" && args.length === 0 && keywords.length === 0) {
    const zero = compileSuper(node, scope);
    if (zero) return zero;
  }
  const items = compileItems(args, scope);
  const words = keywords.length === 0 ? undefined : compileKeywords(keywords, scope);
  const holdsCallee = mayRun(func) && [...args, ...keywords.map(({ value }) => value)].some(mayRun);
  /** Evaluates the arguments and calls; `first` is the object of a method. */
  const finish = (f: Frame, target: Value, held: Value, first: Value | undefined): Value => {
    if (holdsCallee) f.temporaries.push(held);
    const values = items(f, first);
    const named = words ? words(f, values) : null;
    if (holdsCallee) f.temporaries.pop();
    f.at = node;
    return call(f.py, target, values, named);
  };
  if (func.kind === "Attribute") {
    const owner = compileExpression(func.value, scope);
    const { attr } = func;
    return (f) => {
      const object = owner(f);
      f.at = func;
      const method = methodOf(object, attr);
      if (method !== undefined) return finish(f, method, object, object);
      const target = getAttribute(f.py, object, attr);
      return finish(f, target, target, undefined);
    };
  }
  const callee = compileExpression(func, scope);
  return (f) => {
    const target = callee(f);
    return finish(f, target, target, undefined);
  };
}

/** Keyword arguments by name, null where there are none; `values` are held meanwhile. */
function compileKeywords(keywords: Call["keywords"], scope: Scope): (f: Frame, values: readonly Value[]) => Keywords {
  const named = keywords.map(({ arg, value }) => ({ arg, run: compileExpression(value, scope) }));
  const held = keywords.some(({ value }) => mayRun(value));
  return (f, values) => {
    const words = new Map<string, Value>();
    if (held) f.temporaries.push(values);
    for (const { arg, run } of named) {
      const value = run(f);
      if (held) f.temporaries.push(value);
      if (arg === null) spread(f, value, words);
      else if (words.has(arg)) raise("TypeError", `got multiple values for keyword argument '${arg}'`);
      else words.set(arg, value);
    }
    if (held) f.temporaries.length -= 1 + named.length;
    return words.size > 0 ? words : null;
  };
}

function spread(f: Frame, value: Value, into: Map<string, Value>): void {
  if (value instanceof Unknown) {
    f.py.note("assumption", `**${value.reason}: what it holds is not known`);
    return;
  }
  if (value instanceof PyDict) {
    for (const [key, item] of value.entries.values())
      into.set(textOf(key) ?? raise("TypeError", "keywords must be strings"), item);
    return;
  }
  const keys = iterate(f.py, call(f.py, getAttribute(f.py, value, "keys"), []));
  for (let key = keys(); key !== undefined; key = keys())
    into.set(textOf(key) ?? raise("TypeError", "keywords must be strings"), getItem(f.py, value, key));
}

/** `super()` inside a method: the class from the cell `__class__`, the object from the first parameter. */
function compileSuper(node: Call, scope: Scope): Evaluate | undefined {
  const where = scope.resolve("__class__");
  if (where.kind !== "cell") return undefined;
  return (f) => {
    f.at = node;
    const cls = (f.cells[where.index] as PyCell).value;
    const [parameter] = f.code.parameters;
    if (!parameter) return raise("RuntimeError", "super(): no arguments");
    const self = parameter.cell === undefined ? f.slots[parameter.slot] : (f.cells[parameter.cell] as PyCell).value;
    if (!(cls instanceof PyClass) || self === undefined)
      return raise("RuntimeError", "super(): __class__ cell not found");
    if (self instanceof Unknown) return self;
    return new PySuper(cls, self, self instanceof PyClass && self.isSubclassOf(cls) ? self : typeOf(self));
  };
}
