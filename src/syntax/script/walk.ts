/** Walking a script's tree. */
import type { CallNode, Expression, FunctionNode, Statement } from "./ast.ts";

export type ScriptPart = Statement | Expression;

/** Calls a visitor with each statement and expression, those around it outermost first. */
export function walkScript(
  body: readonly Statement[],
  visit: (node: ScriptPart, around: readonly ScriptPart[]) => void,
): void {
  const around: ScriptPart[] = [];
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) {
      for (const one of value) walk(one);
      return;
    }
    if (typeof value !== "object" || value === null) return;
    const isNode = "kind" in value && /^[A-Z]/.test(String(value.kind));
    if (isNode) {
      visit(value as ScriptPart, around);
      around.push(value as ScriptPart);
    }
    for (const [key, part] of Object.entries(value)) if (key !== "at" && key !== "nameAt") walk(part);
    if (isNode) around.pop();
  };
  walk(body);
}

/** The name that is called: `predict` of `model.predict(x)`. */
export function calledName({ callee }: CallNode): string | undefined {
  if (callee.kind === "Name") return callee.name;
  return callee.kind === "Member" && typeof callee.property === "string" ? callee.property : undefined;
}

/** The function around a node, and the loops around it inside that function. */
export function surroundings(around: readonly ScriptPart[]): {
  func: FunctionNode | undefined;
  loops: readonly ScriptPart[];
} {
  const at = around.findLastIndex(({ kind }) => kind === "Function");
  const func = at < 0 ? undefined : (around[at] as FunctionNode);
  return { func, loops: around.slice(at + 1).filter(({ kind }) => loopKinds.has(kind)) };
}

const loopKinds: ReadonlySet<string> = new Set(["For", "ForEach", "While"]);
