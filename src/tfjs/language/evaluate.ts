/** The values of expressions. */
import { Unknown } from "../../base/unknown.ts";
import type { CallNode, Expression, Pattern } from "../../syntax/script/ast.ts";
import { plus } from "../../tensor/size.ts";
import { assign, nameOfTarget } from "./assign.ts";
import { call, construct, listed } from "./calls.ts";
import { classValue } from "./classes.ts";
import { functionValue, named } from "./functions.ts";
import { arrayValue, objectValue, spreadValues } from "./literals.ts";
import { isLibrary, type Machine, placeOf } from "./machine.ts";
import { get, keyOf } from "./members.ts";
import { importValue } from "./modules.ts";
import { binary, toNumber, toText, truth, unary } from "./operators.ts";
import type { Scope } from "./scope.ts";
import { Accessor, isNullish, JsFunction, JsObject, JsPromise, type Value } from "./values.ts";

export function evaluate(machine: Machine, node: Expression, scope: Scope): Value {
  switch (node.kind) {
    case "Literal":
      return node.value;
    case "Name":
      return lookUp(machine, node.name, scope);
    case "This":
      return scope.frame.self;
    case "Template": {
      const texts = node.values.map((value) => toText(evaluate(machine, value, scope)));
      const unknown = texts.find((text) => text instanceof Unknown);
      return unknown ?? node.texts.map((text, i) => text + (i < texts.length ? texts[i] : "")).join("");
    }
    case "Array":
      return arrayValue(machine, node.items, scope);
    case "Object":
      return objectValue(machine, node, scope);
    case "Function":
      return functionValue(machine, node, scope);
    case "Class":
      return classValue(machine, node, scope);
    case "Member":
    case "Call":
      return chained(machine, node, scope).value;
    case "Unary":
      return unaryValue(machine, node.operator, node.operand, scope);
    case "Update": {
      const old = toNumber(evaluate(machine, node.target, scope));
      const change = node.operator === "++" ? 1 : -1;
      const next = typeof old === "number" ? old + change : old instanceof Unknown ? old : plus(old, change);
      assign(machine, targetOf(node.target), next as Value, scope);
      return node.prefix ? (next as Value) : (old as Value);
    }
    case "Binary":
      return binaryValue(machine, node, scope);
    case "Assign":
      return assignment(machine, node, scope);
    case "Conditional": {
      const test = truth(evaluate(machine, node.test, scope));
      if (test instanceof Unknown) return either(machine, node.whenTrue, node.otherwise, test, scope);
      return evaluate(machine, test ? node.whenTrue : node.otherwise, scope);
    }
    case "Sequence": {
      let last: Value;
      for (const part of node.parts) last = evaluate(machine, part, scope);
      return last;
    }
    case "Await": {
      const value = evaluate(machine, node.value, scope);
      return value instanceof JsPromise ? value.value : value;
    }
    case "Yield": {
      const value = node.value && evaluate(machine, node.value, scope);
      const items = node.each ? listed(machine, value) : [value];
      machine.budget.step();
      if (!(items instanceof Unknown)) scope.frame.yielded?.push(...items);
      return undefined;
    }
    case "Super":
      return superObject(scope);
    case "Spread":
      return evaluate(machine, node.value, scope);
    default:
      return new Unknown(`${node.what || "the code"} is not understood`, placeOf(scope.script, node));
  }
}

function lookUp(machine: Machine, name: string, scope: Scope): Value {
  const holder = scope.holder(name);
  if (holder) return holder.names.get(name);
  if (machine.globals.has(name)) {
    const found = machine.globals.get(name);
    return found instanceof Accessor ? undefined : found;
  }
  return new Unknown(`${name} is not defined in the program`, machine.place);
}

/** Of two values, one of which it is: the same where both are, else the first, with a remark. */
function either(machine: Machine, first: Expression, second: Expression, test: Unknown, scope: Scope): Value {
  const value = evaluate(machine, first, scope);
  const other = evaluate(machine, second, scope);
  if (value === other || value instanceof Unknown) return value;
  if (other instanceof Unknown) return other;
  if (!isLibrary(scope.script)) machine.remark("assumption", `took the first of two values: ${test.reason}`, test.at);
  return value;
}

/** Where `super.x` is looked up. */
function superObject(scope: Scope): Value {
  return scope.frame.home?.proto ?? new Unknown("there is no super here");
}

/** A member or call with the object it is of; `stopped` where `?.` met nothing. */
function chained(machine: Machine, node: Expression, scope: Scope): { value: Value; self: Value; stopped?: true } {
  if (node.kind === "Member") {
    const isSuper = node.object.kind === "Super";
    const object = isSuper ? { value: superObject(scope) } : chained(machine, node.object, scope);
    if ("stopped" in object && object.stopped) return { value: undefined, self: undefined, stopped: true };
    if (node.optional && isNullish(object.value)) return { value: undefined, self: undefined, stopped: true };
    const key = typeof node.property === "string" ? node.property : keyOf(evaluate(machine, node.property, scope));
    const self = isSuper ? scope.frame.self : object.value;
    if (key instanceof Unknown) return { value: key, self };
    const from = isSuper && object.value instanceof JsObject ? object.value.find(key) : undefined;
    if (isSuper && from instanceof Accessor)
      return { value: from.get ? call(machine, from.get, self, []) : undefined, self };
    return { value: get(machine, object.value, key), self };
  }
  if (node.kind !== "Call") return { value: evaluate(machine, node, scope), self: undefined };
  return callValue(machine, node, scope);
}

function callValue(machine: Machine, node: CallNode, scope: Scope): { value: Value; self: Value; stopped?: true } {
  if (node.callee.kind === "Super") return { value: superCall(machine, node, scope), self: undefined };
  if (node.callee.kind === "Name" && (node.callee.name === "require" || node.callee.name === "import")) {
    const found = requested(machine, node, scope);
    if (found !== undefined) return { value: found, self: undefined };
  }
  const callee = chained(machine, node.callee, scope);
  if (callee.stopped || (node.optional && isNullish(callee.value)))
    return { value: undefined, self: undefined, stopped: true };
  const args = spreadValues(machine, node.args, scope);
  if (args instanceof Unknown) return { value: args, self: undefined };
  machine.calls.push({ script: scope.script, node });
  try {
    if (!(callee.value instanceof JsFunction) && !(callee.value instanceof Unknown)) {
      const shown = scope.script.text.slice(node.callee.start, node.callee.end).split("\n")[0]?.slice(0, 60);
      return machine.fail(`${shown} is not a ${node.isNew ? "constructor" : "function"}`, "TypeError");
    }
    const value = node.isNew ? construct(machine, callee.value, args) : call(machine, callee.value, callee.self, args);
    return { value, self: undefined };
  } finally {
    machine.calls.pop();
  }
}

function requested(machine: Machine, node: CallNode, scope: Scope): Value {
  const [first] = node.args;
  const from = first && evaluate(machine, first, scope);
  if (typeof from !== "string" || (node.callee.kind === "Name" && scope.holder(node.callee.name))) return undefined;
  const found = importValue(machine, scope.script, from, node);
  if (node.callee.kind === "Name" && node.callee.name === "import") return machine.promise(found);
  return found;
}

/** `super(...)`: the parent makes the object, which then is `this`. */
function superCall(machine: Machine, node: CallNode, scope: Scope): Value {
  const { frame } = scope;
  const parent = frame.func?.proto;
  const args = spreadValues(machine, node.args, scope);
  if (args instanceof Unknown || !frame.newTarget) return args instanceof Unknown ? args : undefined;
  machine.calls.push({ script: scope.script, node });
  try {
    frame.self =
      parent instanceof JsFunction
        ? construct(machine, parent, args, frame.newTarget)
        : machine.unknown("the parent class is not known");
    frame.waiting = false;
    const start = frame.func && machine.fieldsOf.get(frame.func);
    start?.(frame.self);
    return frame.self;
  } finally {
    machine.calls.pop();
  }
}

function unaryValue(machine: Machine, operator: string, operand: Expression, scope: Scope): Value {
  if (operator === "typeof" && operand.kind === "Name") {
    const isThere = scope.holder(operand.name) || machine.globals.has(operand.name);
    if (!isThere) return new Unknown(`${operand.name} is not defined in the program`, machine.place);
  }
  if (operator === "delete") {
    if (operand.kind === "Member") {
      const object = evaluate(machine, operand.object, scope);
      const key = typeof operand.property === "string" ? operand.property : evaluate(machine, operand.property, scope);
      if (object instanceof JsObject && typeof key === "string") object.props.delete(key);
    }
    return true;
  }
  return unary(operator, evaluate(machine, operand, scope));
}

function binaryValue(machine: Machine, node: Expression & { kind: "Binary" }, scope: Scope): Value {
  const left = evaluate(machine, node.left, scope);
  switch (node.operator) {
    case "&&": {
      const known = truth(left);
      if (known instanceof Unknown) return known;
      return known ? evaluate(machine, node.right, scope) : left;
    }
    case "||": {
      const known = truth(left);
      if (known instanceof Unknown) return known;
      return known ? left : evaluate(machine, node.right, scope);
    }
    case "??":
      return left instanceof Unknown || !isNullish(left) ? left : evaluate(machine, node.right, scope);
    default:
      return binary(node.operator, left, evaluate(machine, node.right, scope));
  }
}

function assignment(machine: Machine, node: Expression & { kind: "Assign" }, scope: Scope): Value {
  if (node.operator === "=") {
    const value = named(evaluate(machine, node.value, scope), nameOfTarget(node.target));
    assign(machine, node.target, value, scope);
    return value;
  }
  const target = node.target.kind === "Target" ? node.target.target : undefined;
  const old =
    node.target.kind === "Name"
      ? lookUp(machine, node.target.name, scope)
      : target
        ? evaluate(machine, target, scope)
        : undefined;
  const operator = node.operator.slice(0, -1);
  if (operator === "&&" || operator === "||" || operator === "??") {
    const known = operator === "??" ? !isNullish(old) : truth(old);
    if (known instanceof Unknown) return known;
    if (known === (operator !== "&&")) return old;
    const value = evaluate(machine, node.value, scope);
    assign(machine, node.target, value, scope);
    return value;
  }
  const value = binary(operator, old, evaluate(machine, node.value, scope));
  assign(machine, node.target, value, scope);
  return value;
}

function targetOf(node: Expression): Pattern {
  const { start, end } = node;
  return node.kind === "Name"
    ? { kind: "Name", name: node.name, start, end }
    : { kind: "Target", target: node, start, end };
}
