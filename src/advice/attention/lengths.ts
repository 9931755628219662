/** Whether queries and keys are equally long in every call, not only in the one that was traced. */

import type { Expression, FunctionDef } from "../../syntax/ast.ts";
import { walk } from "../../syntax/walk.ts";
import { namesBound, namesRead, type Scope } from "./code.ts";

/** What lengthens or picks along an axis: a cache of earlier keys, memory tokens, a chosen part. */
const changesLength =
  /^(cat|concat|concatenate|stack|hstack|vstack|pad|update|update_cache|index_select|gather|narrow|repeat|roll|unfold|interpolate|masked_select)$/;

/** Both come from the same one argument of the function, and nothing on the way changes a length. */
export function areEquallyLong(query: Expression, key: Expression, { func }: Scope): boolean {
  const [ofQuery, ofKey] = [sources(query, func), sources(key, func)];
  if (!ofQuery || !ofKey) return false;
  return ofQuery.size === 1 && ofKey.size === 1 && [...ofQuery][0] === [...ofKey][0];
}

/** The function's arguments, `self` apart, that a value is made of; nothing where its length may have been changed. */
function sources(node: Expression, func: FunctionDef): Set<string> | undefined {
  const parameters = new Set(func.args.map(({ name }) => name).filter((name) => name !== "self"));
  const seen = new Set<string>();
  const found = new Set<string>();
  const waiting = [node];
  for (let one = waiting.pop(); one; one = waiting.pop()) {
    if (isLengthChanged(one)) return undefined;
    for (const name of namesRead(one)) {
      if (seen.has(name)) continue;
      seen.add(name);
      if (parameters.has(name)) found.add(name);
      waiting.push(...valuesOf(name, func));
    }
  }
  return found;
}

function isLengthChanged(node: Expression): boolean {
  let is = false;
  walk(node, (one) => {
    if (one.kind === "Subscript" && isCut(one.slice)) is = true;
    if (one.kind !== "Call") return;
    const name = one.func.kind === "Attribute" ? one.func.attr : one.func.kind === "Name" ? one.func.id : "";
    if (changesLength.test(name) || /cache|past/i.test(name)) is = true;
  });
  return is;
}

/** Whether a slice takes a part of an axis that may be a length: any but the last of several. */
function isCut(slice: Expression): boolean {
  const parts = slice.kind === "Tuple" ? slice.elts : [slice];
  const isPart = (part: Expression) =>
    part.kind === "Slice" && (part.lower !== null || part.upper !== null || part.step !== null);
  return parts.some((part, i) => isPart(part) && (i < parts.length - 1 || i === 0));
}

/** Every value that the function gives a name. */
function valuesOf(name: string, func: FunctionDef): Expression[] {
  const values: Expression[] = [];
  for (const statement of func.body) {
    walk(statement, (node) => {
      if (node.kind === "Assign" || node.kind === "AugAssign" || node.kind === "AnnAssign") {
        if (node.value && namesBound(node).has(name)) values.push(node.value);
      } else if (node.kind === "For" && namesBound({ ...node, body: [], orelse: [] }).has(name)) values.push(node.iter);
    });
  }
  return values;
}
