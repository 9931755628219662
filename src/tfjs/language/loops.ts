/** Loops. One over what is not known is not run: what it would do is not known. */
import type { Place } from "../../base/place.ts";
import { Unknown } from "../../base/unknown.ts";
import type { Expression, Statement } from "../../syntax/script/ast.ts";
import { assign, declare } from "./assign.ts";
import { listed } from "./calls.ts";
import { evaluate } from "./evaluate.ts";
import { step } from "./execute.ts";
import { forgetChanged } from "./forgetting.ts";
import { isLibrary, type Machine, placeOf } from "./machine.ts";
import { keysOf } from "./members.ts";
import { truth } from "./operators.ts";
import { Scope } from "./scope.ts";
import { JsObject, type Value } from "./values.ts";

/** How statements ended before their last. */
export type Completion =
  | { readonly kind: "return"; readonly value: Value }
  | { readonly kind: "break" | "continue"; readonly label: string | undefined }
  | undefined;

function notRun(machine: Machine, what: string, why: Unknown, node: Statement, scope: Scope): void {
  forgetChanged(
    machine,
    node,
    new Unknown(`a loop was not followed: ${why.reason}`, placeOf(scope.script, node)),
    scope,
  );
  machine.remark(
    "unknown-loop",
    `${what} is not known, so that the loop was not followed: ${why.reason}`,
    whereOf(machine, node, scope),
  );
}

/** Where a loop stands; one of our own library, where the program asked for it. */
function whereOf(machine: Machine, node: Statement, { script }: Scope): Place | undefined {
  return isLibrary(script) ? machine.place : placeOf(script, node);
}

/** What a round of a loop means for the loop: `undefined` to go on, `stop` to end it, else what ends more than it. */
function round(done: Completion): Completion | "stop" {
  if (!done || (done.kind === "continue" && done.label === undefined)) return undefined;
  return done.kind === "break" && done.label === undefined ? "stop" : done;
}

export function forLoop(machine: Machine, node: Statement & { kind: "For" }, outer: Scope): Completion {
  let scope = outer.inner();
  if (node.first) step(machine, node.first, scope);
  for (;;) {
    machine.budget.step();
    const test = node.test ? truth(evaluate(machine, node.test, scope)) : true;
    if (test instanceof Unknown) {
      notRun(machine, "the end of a loop", test, node, outer);
      return undefined;
    }
    if (!test) return undefined;
    machine.undecidedExit = undefined;
    const done = round(step(machine, node.body, scope));
    if (done === "stop") return undefined;
    if (done) return done;
    if (machine.undecidedExit && isEndless(node.test)) {
      notRun(machine, "the end of a loop", machine.undecidedExit, node, outer);
      return undefined;
    }
    // Closures of one round keep that round's variables.
    const next = new Scope(scope.parent, scope.script, scope.frame);
    for (const [name, value] of scope.names) next.names.set(name, value);
    scope = next;
    if (node.next) evaluate(machine, node.next, scope);
  }
}

export function overLoop(machine: Machine, node: Statement & { kind: "ForEach" }, scope: Scope): Completion {
  const over = evaluate(machine, node.value, scope);
  const items =
    node.over === "of"
      ? listed(machine, over)
      : over instanceof Unknown
        ? over
        : over instanceof JsObject
          ? (over.otherwise ?? keysOf(over))
          : [];
  if (items instanceof Unknown) {
    notRun(machine, "what a loop goes over", items, node, scope);
    return undefined;
  }
  for (const item of items) {
    machine.budget.step();
    const inner = scope.inner();
    if (node.scope) declare(machine, node.target, item, inner, node.scope);
    else assign(machine, node.target, item, inner);
    const done = round(step(machine, node.body, inner));
    if (done === "stop") return undefined;
    if (done) return done;
  }
  return undefined;
}

export function whileLoop(machine: Machine, node: Statement & { kind: "While" }, scope: Scope): Completion {
  for (let first = node.afterFirst; ; first = false) {
    machine.budget.step();
    const test = first || truth(evaluate(machine, node.test, scope));
    if (test instanceof Unknown) {
      notRun(machine, "the end of a loop", test, node, scope);
      return undefined;
    }
    if (!test) return undefined;
    machine.undecidedExit = undefined;
    const done = round(step(machine, node.body, scope.inner()));
    if (done === "stop") return undefined;
    if (done) return done;
    if (machine.undecidedExit && isEndless(node.test)) {
      notRun(machine, "the end of a loop", machine.undecidedExit, node, scope);
      return undefined;
    }
  }
}

/** Whether only something inside ends a loop. */
function isEndless(test: Expression | undefined): boolean {
  return !test || (test.kind === "Literal" && Boolean(test.value));
}
