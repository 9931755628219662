/** Statements, run in order. */
import { Unknown } from "../../base/unknown.ts";
import type { Statement } from "../../syntax/script/ast.ts";
import { walkScript } from "../../syntax/script/walk.ts";
import { declare, nameOfTarget } from "./assign.ts";
import { classValue } from "./classes.ts";
import { evaluate } from "./evaluate.ts";
import { functionValue, named } from "./functions.ts";
import { type Completion, forLoop, overLoop, whileLoop } from "./loops.ts";
import { isLibrary, type Machine, placeOf } from "./machine.ts";
import { exportStatement, importStatement } from "./modules.ts";
import { binary, toText, truth } from "./operators.ts";
import type { Scope } from "./scope.ts";
import { JsObject, JsThrow, type Value } from "./values.ts";

/** Runs statements in a scope of their own; gives how they ended where that was not behind the last. */
export function execute(machine: Machine, body: readonly Statement[], scope: Scope): Completion {
  hoist(machine, body, scope);
  for (const statement of body) {
    const done = step(machine, statement, scope);
    if (done) return done;
  }
  return undefined;
}

/** Functions are there before the first statement runs. */
export function hoist(machine: Machine, body: readonly Statement[], scope: Scope): void {
  for (const statement of body) {
    const declared = statement.kind === "Export" ? statement.declaration : statement;
    if (declared?.kind !== "FunctionDeclaration") continue;
    const func = functionValue(machine, { ...declared.value, name: undefined }, scope);
    func.name = declared.value.name ?? "default";
    if (declared.value.name !== undefined) scope.names.set(declared.value.name, func);
  }
}

export function step(machine: Machine, node: Statement, scope: Scope): Completion {
  switch (node.kind) {
    case "Expression":
      evaluate(machine, node.value, scope);
      return undefined;
    case "Variable":
      for (const { target, value } of node.declarations) {
        if (!value && node.scope === "var" && target.kind === "Name" && scope.outer.names.has(target.name)) continue;
        const own = value && named(evaluate(machine, value, scope), nameOfTarget(target));
        declare(machine, target, own, scope, node.scope);
      }
      return undefined;
    case "FunctionDeclaration":
      return undefined;
    case "ClassDeclaration":
      if (node.value.name !== undefined) scope.names.set(node.value.name, classValue(machine, node.value, scope));
      return undefined;
    case "Return":
      return { kind: "return", value: node.value && evaluate(machine, node.value, scope) };
    case "If":
      return branch(machine, node, scope);
    case "For":
      return forLoop(machine, node, scope);
    case "ForEach":
      return overLoop(machine, node, scope);
    case "While":
      return whileLoop(machine, node, scope);
    case "Break":
    case "Continue":
      return { kind: node.kind === "Break" ? "break" : "continue", label: node.label };
    case "Switch":
      return choice(machine, node, scope);
    case "Throw": {
      const value = evaluate(machine, node.value, scope);
      const text = toText(value);
      throw new JsThrow(value, text instanceof Unknown ? "an error" : text);
    }
    case "Try":
      return attempt(machine, node, scope);
    case "Block":
      return execute(machine, node.body, scope.inner());
    case "Labeled": {
      const done = step(machine, node.body, scope);
      return done && done.kind !== "return" && done.label === node.label ? undefined : done;
    }
    case "Import":
      importStatement(machine, node, scope);
      return undefined;
    case "Export":
      exportStatement(machine, node, scope);
      return undefined;
    case "Enum":
      enumeration(machine, node, scope);
      return undefined;
  }
}

function branch(machine: Machine, node: Statement & { kind: "If" }, scope: Scope): Completion {
  const test = truth(evaluate(machine, node.test, scope));
  if (!(test instanceof Unknown)) {
    const taken = test ? node.whenTrue : node.otherwise;
    return taken && step(machine, taken, scope.inner());
  }
  // What only complains or leaves is not what a model is made of.
  if (exits(node)) machine.undecidedExit = test;
  if (leaves(node.whenTrue)) return node.otherwise && step(machine, node.otherwise, scope.inner());
  if (node.otherwise && leaves(node.otherwise)) return step(machine, node.whenTrue, scope.inner());
  if (!isLibrary(scope.script))
    machine.remark("assumption", `took the branch: ${test.reason}`, placeOf(scope.script, node.test));
  return step(machine, node.whenTrue, scope.inner());
}

/** Whether one of its branches leaves what is around it. */
function exits({ whenTrue, otherwise }: Statement & { kind: "If" }): boolean {
  let found = false;
  walkScript(otherwise ? [whenTrue, otherwise] : [whenTrue], ({ kind }) => {
    if (kind === "Break" || kind === "Return") found = true;
  });
  return found;
}

/** Whether a statement only throws, warns or returns nothing. */
function leaves(node: Statement): boolean {
  switch (node.kind) {
    case "Throw":
    case "Break":
    case "Continue":
      return true;
    case "Return":
      return !node.value || (node.value.kind === "Literal" && !node.value.value);
    case "Block":
      return node.body.every((one) => leaves(one) || isLogging(one));
    default:
      return isLogging(node);
  }
}

function isLogging(node: Statement): boolean {
  if (node.kind !== "Expression" || node.value.kind !== "Call") return false;
  const { callee } = node.value;
  if (callee.kind !== "Member" || callee.object.kind !== "Name") return false;
  // Our own layers refuse what they cannot take in a call that never returns.
  return callee.object.name === "console" || (callee.object.name === "assay" && callee.property === "refuse");
}

function choice(machine: Machine, node: Statement & { kind: "Switch" }, scope: Scope): Completion {
  const value = evaluate(machine, node.value, scope);
  const inner = scope.inner();
  let from = -1;
  for (const [i, { test }] of node.cases.entries()) {
    if (!test) continue;
    const same = binary("===", value, evaluate(machine, test, inner));
    if (same instanceof Unknown) {
      machine.remark("assumption", `took the first case: ${same.reason}`, placeOf(scope.script, node.value));
      from = i;
      break;
    }
    if (same === true) {
      from = i;
      break;
    }
  }
  if (from < 0) from = node.cases.findIndex(({ test }) => !test);
  if (from < 0) return undefined;
  for (const { body } of node.cases.slice(from)) {
    const done = execute(machine, body, inner);
    if (done?.kind === "break" && done.label === undefined) return undefined;
    if (done) return done;
  }
  return undefined;
}

function attempt(machine: Machine, node: Statement & { kind: "Try" }, scope: Scope): Completion {
  let done: Completion;
  const { length } = machine.calls;
  const { depth } = machine.budget;
  try {
    done = execute(machine, node.body, scope.inner());
  } catch (error) {
    if (!(error instanceof JsThrow) || !node.handler) throw error;
    machine.calls.length = length;
    machine.budget.depth = depth;
    const inner = scope.inner();
    if (node.caught) declare(machine, node.caught, error.value, inner, "let");
    done = execute(machine, node.handler, inner);
  } finally {
    if (node.last) {
      const last = execute(machine, node.last, scope.inner());
      if (last) done = last;
    }
  }
  return done;
}

function enumeration(machine: Machine, node: Statement & { kind: "Enum" }, scope: Scope): void {
  const object = new JsObject(machine.prototypes.object);
  let next: Value = 0;
  const inner = scope.inner();
  for (const { name, value } of node.members) {
    const own: Value = value ? evaluate(machine, value, inner) : next;
    object.props.set(name, own);
    inner.names.set(name, own);
    if (typeof own === "number") object.props.set(String(own), name);
    next = typeof own === "number" ? own + 1 : undefined;
  }
  scope.names.set(node.name, object);
}
