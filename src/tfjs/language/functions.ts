/** Functions of the program. */
import type { FunctionNode, Pattern } from "../../syntax/script/ast.ts";
import { declare } from "./assign.ts";
import { blank } from "./calls.ts";
import { evaluate } from "./evaluate.ts";
import { execute } from "./execute.ts";
import { isLibrary, type Machine } from "./machine.ts";
import { type Frame, Scope } from "./scope.ts";
import { JsFunction, JsObject, type Value } from "./values.ts";

/** What a function is made for besides being called. */
export interface Role {
  /** The object that the method stands on. */
  readonly home?: JsObject | undefined;
  /** The constructor of a class that has a parent: `this` is what `super(...)` gives. */
  readonly derived?: boolean;
}

/** A closure. */
export function functionValue(machine: Machine, node: FunctionNode, scope: Scope, role: Role = {}): JsFunction {
  const own = node.name !== undefined && !node.arrow ? scope.inner() : scope;
  const func: JsFunction = new JsFunction(
    node.name ?? "",
    (self, args) => invoke(machine, node, own, func, role, self, args, undefined).value,
    machine.prototypes.function,
  );
  func.required = required(node.params);
  func.node = node;
  func.isMethod = role.home !== undefined;
  if (own !== scope && node.name !== undefined) own.names.set(node.name, func);
  if (!node.arrow && !role.home) {
    func.props.set("prototype", machine.object([["constructor", func]]));
    func.construct = (args, newTarget) => {
      const self = blank(machine, newTarget);
      const { value } = invoke(machine, node, own, func, role, self, args, newTarget);
      return value instanceof JsObject ? value : self;
    };
  }
  if (machine.defined && !isLibrary(scope.script)) machine.defined(func, scope.script);
  return func;
}

/** How many parameters have to be given. */
export function required(params: readonly Pattern[]): number {
  const optional = params.findIndex(({ kind }) => kind === "Default" || kind === "Rest");
  return optional < 0 ? params.length : optional;
}

/** Runs a function's body; gives what it returned, and what `this` was in the end. */
export function invoke(
  machine: Machine,
  node: FunctionNode,
  scope: Scope,
  func: JsFunction,
  { home, derived }: Role,
  self: Value,
  args: readonly Value[],
  newTarget: JsFunction | undefined,
): { value: Value; self: Value } {
  const yielded: Value[] | undefined = node.generator ? [] : undefined;
  const frame: Frame = node.arrow
    ? scope.frame
    : { self, waiting: derived === true && newTarget !== undefined, home, func, newTarget, yielded };
  const inner = new Scope(scope, scope.script, frame, true);
  if (!node.arrow) inner.names.set("arguments", machine.array(args));
  node.params.forEach((param, i) => {
    const value = param.kind === "Rest" ? machine.array(args.slice(i)) : args[i];
    declare(machine, param.kind === "Rest" ? param.target : param, value, inner, "let");
  });
  for (const field of node.fields) if (self instanceof JsObject) self.props.set(field, inner.names.get(field));
  if (!Array.isArray(node.body)) {
    const value = evaluate(machine, node.body as Exclude<FunctionNode["body"], readonly unknown[]>, inner);
    return { value: node.isAsync ? machine.promise(value) : value, self: frame.self };
  }
  const done = execute(machine, node.body, inner);
  const value = yielded ? machine.array(yielded) : done?.kind === "return" ? done.value : undefined;
  return { value: node.isAsync ? machine.promise(value) : value, self: frame.self };
}

/** A function without a name takes that of what it is put into. */
export function named(value: Value, name: string): Value {
  if (value instanceof JsFunction && value.name === "" && name) value.name = name;
  return value;
}
