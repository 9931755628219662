/** The edit that lets a call of SDPA meet a random part of its keys while the model is trained. */
import type { Fix } from "../../cost/report.ts";
import { before, statementOf } from "../code/edits.ts";
import { codeOf, functionOf, ownerOf } from "../code/tree.ts";
import type { Subject } from "../subject.ts";
import type { CallSite } from "./sites.ts";

export function sampledEdit(
  { file, text }: Subject,
  sites: readonly CallSite[],
  ratio: number,
): Fix | { readonly reason: string } {
  const code = codeOf(file, text);
  const edits: Fix["edits"][number][] = [];
  let reason = "attention is not asked for in this file by one call of scaled_dot_product_attention";
  for (const { at, calls } of sites) {
    const call = code.calls.find((one) => {
      const span = code.span(one);
      return (
        at?.path === code.path && span.line === at.line && span.column === at.column && span.endColumn === at.endColumn
      );
    });
    if (!call || calls.some(({ eager }) => eager)) continue;
    if (calls.some(({ isCausal, isMasked }) => isCausal || isMasked)) {
      reason = "under a mask the kept positions need a mask of their own";
      continue;
    }
    const [query, key, value] = call.args;
    const func = functionOf(call, code);
    const isPlain = query && key?.kind === "Name" && value?.kind === "Name" && func && ownerOf(func, code);
    if (
      !isPlain ||
      code.parent(statementOf(call, code)) !== func ||
      !code.nodes.some(
        (node) => node.kind === "Import" && node.names.some(({ name, asname }) => name === "torch" && !asname),
      )
    ) {
      reason = "its keys and values are no plain names in a method";
      continue;
    }
    const statement = statementOf(call, code);
    const lines = [
      "if self.training:",
      `    kept = torch.randperm(${key.id}.size(-2), device=${key.id}.device)[: ${key.id}.size(-2) // ${ratio}]`,
      `    ${key.id}, ${value.id} = ${key.id}[:, :, kept], ${value.id}[:, :, kept]`,
    ];
    const indent = /^\s*/.exec(code.lines[code.span(statement).line] ?? "")?.[0] ?? "";
    edits.push(before(statement, lines.join(`\n${indent}`), code));
  }
  return edits.length > 0 ? { title: `Attend to one key in ${ratio} while training`, edits } : { reason };
}
