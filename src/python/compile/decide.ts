import type { Span } from "../../base/place.ts";
import type { Unknown } from "../../base/unknown.ts";
import type { Statement } from "../../syntax/ast.ts";
import type { Frame } from "../code.ts";

/** Takes a branch whose condition cannot be known: the first one, and says so. Figures that it touches are not complete. */
export function decide(f: Frame, unknown: Unknown, node: Span, what: string): boolean {
  f.at = node;
  f.py.note("assumption", `took ${what}: ${unknown.reason}`);
  return true;
}

const talk =
  /(^|\.)(warn|warning|warning_once|warn_once|debug|info|error|log|print|critical|exception|log_once|write)$/;

/** Whether the statements only raise, warn, log or assert: then not taking them loses nothing. */
export function onlyComplains(body: readonly Statement[]): boolean {
  return body.every((node) => {
    switch (node.kind) {
      case "Raise":
      case "Assert":
      case "Pass":
        return true;
      case "ExpressionStatement": {
        if (node.value.kind === "Str" || node.value.kind === "Singleton") return true;
        if (node.value.kind !== "Call") return false;
        const { func } = node.value;
        const name = func.kind === "Name" ? func.id : func.kind === "Attribute" ? `.${func.attr}` : "";
        return talk.test(name);
      }
      case "If":
        return onlyComplains(node.body) && onlyComplains(node.orelse);
      default:
        return false;
    }
  });
}
