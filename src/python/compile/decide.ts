import type { Span } from "../../base/place.ts";
import type { Unknown } from "../../base/unknown.ts";
import type { Expression, Statement } from "../../syntax/ast.ts";
import type { Frame } from "../code.ts";

/** Takes a branch whose condition cannot be known: the first one, and says so. Figures that it touches are not complete. */
export function decide(f: Frame, unknown: Unknown, node: Span, what: string): boolean {
  f.at = node;
  f.py.note("assumption", `took ${what}: ${unknown.reason}`);
  return true;
}

const talk =
  /(^|\.)(warn|warning|warning_once|warn_once|debug|info|error|log|print|critical|exception|log_once|write)$/;

/**
 * Where the statements only raise, warn, log or assert, and put the text for it together: the names that they give values
 * on the way. Not taking them loses nothing then, as long as none of these names had a value before. Otherwise undefined.
 */
export function complaint(body: readonly Statement[]): readonly string[] | undefined {
  const names = new Set<string>();
  const harmless =
    body.every((node) => isHarmless(node, names)) && body.some(({ kind }) => kind !== "Assign" && kind !== "AugAssign");
  return harmless ? [...names] : undefined;
}

function isHarmless(node: Statement, names: Set<string>): boolean {
  switch (node.kind) {
    case "Raise":
    case "Assert":
    case "Pass":
      return true;
    case "Assign":
      if (!node.targets.every(({ kind }) => kind === "Name") || !isPure(node.value)) return false;
      if (!isText(node.value)) for (const target of node.targets) if (target.kind === "Name") names.add(target.id);
      return true;
    case "AugAssign":
      return node.target.kind === "Name" && isText(node.value);
    case "ExpressionStatement": {
      if (node.value.kind === "Str" || node.value.kind === "Singleton") return true;
      if (node.value.kind !== "Call") return false;
      const { func } = node.value;
      const name = func.kind === "Name" ? func.id : func.kind === "Attribute" ? `.${func.attr}` : "";
      return talk.test(name);
    }
    case "If":
      return node.body.every((one) => isHarmless(one, names)) && node.orelse.every((one) => isHarmless(one, names));
    default:
      return false;
  }
}

/** Evaluating it changes nothing. */
function isPure(node: Expression): boolean {
  if (isText(node)) return true;
  if (node.kind === "Attribute") return isPure(node.value);
  if (node.kind === "Call")
    return node.func.kind === "Name" && /^(getattr|len|str|type|repr)$/.test(node.func.id) && node.args.every(isPure);
  return node.kind === "Name" || node.kind === "Int" || node.kind === "Singleton";
}

function isText(node: Expression): boolean {
  if (node.kind === "Str" || node.kind === "JoinedStr") return true;
  if (node.kind === "BinOp") return isText(node.left);
  return (
    node.kind === "Call" && node.func.kind === "Attribute" && node.func.attr === "format" && isText(node.func.value)
  );
}
