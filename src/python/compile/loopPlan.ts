/** What a loop's body does to the variables around it, found from the tree alone. */
import type { Expression, Statement } from "../../syntax/ast.ts";
import { type SyntaxNode, walk } from "../../syntax/walk.ts";
import type { Code } from "../code.ts";
import type { LoopPlan } from "../interpreter.ts";
import { boundNames } from "./scan.ts";

/** Statements and expressions whose effects reach beyond variables and values. */
const beyond = new Set<SyntaxNode["kind"]>([
  "FunctionDef",
  "ClassDef",
  "Lambda",
  "GeneratorExp",
  "Global",
  "Nonlocal",
  "Import",
  "ImportFrom",
  "Delete",
  "Try",
  "Match",
  "BrokenStatement",
  "Await",
]);

/** Undefined where the body does more than a plan can say. `target` is what stands behind `for`. */
export function loopPlan(body: readonly Statement[], target: Expression | undefined, code: Code): LoopPlan | undefined {
  const names = new Map<string, number>();
  const appended = new Map<string, number>();
  let plain = true;
  let works = false;
  for (const one of [...body, ...(target ? [target] : [])]) {
    walk(one, (node) => {
      if (beyond.has(node.kind)) plain = false;
      if (node.kind === "Call" || node.kind === "BinOp") works = true;
      if (node.kind === "Name") names.set(node.id, (names.get(node.id) ?? 0) + 1);
      const list = appendedTo(node);
      if (list !== undefined) appended.set(list, (appended.get(list) ?? 0) + 1);
      return plain;
    });
  }
  if (!plain || !works) return undefined;
  const assigned = new Set(boundNames(body));
  if (target) for (const name of namesIn(target)) assigned.add(name);
  for (const name of assigned) if (!names.has(name)) names.set(name, 0);
  const shared = new Set([...code.cells, ...code.free]);
  if ([...names.keys()].some((name) => shared.has(name))) return undefined;
  const slotsOf = (wanted: (name: string) => boolean) => code.slots.flatMap((name, i) => (wanted(name) ? [i] : []));
  const collects = (name: string) => appended.get(name) === names.get(name) && !assigned.has(name);
  return {
    read: slotsOf((name) => names.has(name) && !collects(name)),
    assigned: slotsOf((name) => assigned.has(name)),
    collecting: slotsOf((name) => names.has(name) && collects(name)),
  };
}

/** `outputs` of the statement `outputs.append(…)`. */
function appendedTo(node: SyntaxNode): string | undefined {
  if (node.kind !== "ExpressionStatement" || node.value.kind !== "Call") return undefined;
  const { func, args, keywords } = node.value;
  if (func.kind !== "Attribute" || func.attr !== "append" || args.length !== 1 || keywords.length > 0) return undefined;
  return func.value.kind === "Name" && args[0]?.kind !== "Starred" ? func.value.id : undefined;
}

function namesIn(target: Expression): string[] {
  const names: string[] = [];
  walk(target, (node) => {
    if (node.kind === "Name") names.push(node.id);
  });
  return names;
}
