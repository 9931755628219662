/** What a statement would have changed, where it was not followed. */
import type { Unknown } from "../../base/unknown.ts";
import type { Expression, Pattern, Statement } from "../../syntax/script/ast.ts";
import { walkScript } from "../../syntax/script/walk.ts";
import type { Machine } from "./machine.ts";
import type { Scope } from "./scope.ts";
import { JsArray, JsMap, JsObject, JsSet, type Value } from "./values.ts";

/** Names that it assigns hold what is not known afterwards; of objects that it changes, what it may have done is not known. */
export function forgetChanged(machine: Machine, node: Statement, reason: Unknown, scope: Scope): void {
  walkScript([node], (part) => {
    if (part.kind === "Assign") forgetPattern(machine, part.target, reason, scope);
    else if (part.kind === "Update") forgetTarget(machine, part.target, reason, scope);
    else if (part.kind === "Call" && part.callee.kind === "Member") touch(machine, part.callee.object, reason, scope);
  });
}

function forgetPattern(machine: Machine, target: Pattern, reason: Unknown, scope: Scope): void {
  switch (target.kind) {
    case "Name":
      scope.holder(target.name)?.names.set(target.name, reason);
      return;
    case "Target":
      forgetTarget(machine, target.target, reason, scope);
      return;
    case "Default":
    case "Rest":
      forgetPattern(machine, target.target, reason, scope);
      return;
    case "ArrayPattern":
      for (const item of target.items) if (item) forgetPattern(machine, item, reason, scope);
      return;
    case "ObjectPattern":
      for (const { value } of target.members) forgetPattern(machine, value, reason, scope);
  }
}

function forgetTarget(machine: Machine, target: Expression, reason: Unknown, scope: Scope): void {
  if (target.kind === "Name") scope.holder(target.name)?.names.set(target.name, reason);
  if (target.kind !== "Member") return;
  const object = known(target.object, scope);
  if (!(object instanceof JsObject)) return;
  if (typeof target.property === "string") object.props.set(target.property, reason);
  else empty(machine, object, reason);
}

/** A method may change the object that it is called on. */
function touch(machine: Machine, node: Expression, reason: Unknown, scope: Scope): void {
  const object = known(node, scope);
  if (object instanceof JsObject) empty(machine, object, reason);
}

function empty(machine: Machine, object: JsObject, reason: Unknown): void {
  machine.tainted.set(object, reason.reason);
  if (object instanceof JsArray || object instanceof JsMap || object instanceof JsSet) object.opaque = reason;
}

/** What a name or a field of a named object holds now. */
function known(node: Expression, scope: Scope): Value {
  if (node.kind === "Name") return scope.holder(node.name)?.names.get(node.name);
  if (node.kind === "This") return scope.frame.self;
  if (node.kind !== "Member" || typeof node.property !== "string") return undefined;
  const object = known(node.object, scope);
  const found = object instanceof JsObject ? object.props.get(node.property) : undefined;
  return found instanceof JsObject ? found : undefined;
}
