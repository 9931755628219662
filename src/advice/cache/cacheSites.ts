/** Where code hands on what attention caches: the pair of keys and values behind a call of the one kernel. */
import type { Expression, FunctionDef } from "../../syntax/ast.ts";
import { attentionCalls } from "../attention/calls.ts";
import { type CallNode, type Code, codeOf, functionOf, within } from "../code/tree.ts";
import type { Subject } from "../subject.ts";

export interface CacheSite {
  readonly func: FunctionDef;
  /** As they are written. */
  readonly query: string;
  readonly key: string;
  readonly value: string;
  /** `(k, v)`. */
  readonly pair: Expression;
}

/** One for each method of this file that computes attention and hands its keys and values on under the names that it used. */
export function cacheSites(subject: Subject): CacheSite[] {
  const code = codeOf(subject.file, subject.text);
  const calls = new Set(attentionCalls(subject.inference).flatMap(({ at }) => code.callAt(at) ?? []));
  return [...calls].flatMap((call) => siteOf(call, code) ?? []);
}

function siteOf(call: CallNode, code: Code): CacheSite | undefined {
  const func = functionOf(call, code);
  const [query, key, value] = call.args;
  if (!func || !query || key?.kind !== "Name" || value?.kind !== "Name") return undefined;
  const line = code.span(call).line;
  const pair = within(func).find(
    (node): node is Expression =>
      node.kind === "Tuple" &&
      node.elts.length === 2 &&
      [key.id, value.id].every((name, i) => isNamed(node.elts[i], name)) &&
      code.span(node).line > line,
  );
  return pair && { func, query: code.text(query), key: key.id, value: value.id, pair };
}

function isNamed(node: Expression | undefined, name: string): boolean {
  return node?.kind === "Name" && node.id === name;
}
