/** The edit that has another function compute attention: one that it brings along, called as `scaled_dot_product_attention` is. */
import type { Fix } from "../../cost/report.ts";
import { definedOverTorch } from "../code/definitions.ts";
import { type Edit, replace } from "../code/edits.ts";
import { type Code, codeOf } from "../code/tree.ts";
import type { Subject } from "../subject.ts";
import type { CallSite, EagerSite } from "./sites.ts";
import { eagerSites } from "./sites.ts";

type Reason = { readonly reason: string };

export interface OwnCore {
  readonly title: string;
  /** What the function is called. */
  readonly name: string;
  /** Its definition; `torch` is how the file calls it. It takes what `scaled_dot_product_attention` takes. */
  readonly source: (torch: string) => string;
  /** What it is given before that, and edits that this needs. */
  readonly first?:
    | ((site: CallSite) => { readonly text: string; readonly edits: readonly Edit[] } | Reason)
    | undefined;
}

/** Every call that can be exchanged; a reason where none can. */
export function ownCoreEdit(subject: Subject, sites: readonly CallSite[], core: OwnCore): Fix | Reason {
  const code = codeOf(subject.file, subject.text);
  const eager = sites.some(({ calls }) => calls.some((one) => one.eager)) ? eagerSites(subject) : [];
  const edits: Edit[] = [];
  let reason = "attention is not asked for in this file";
  for (const site of sites) {
    const given = core.first?.(site) ?? { text: "", edits: [] };
    if ("reason" in given) return given;
    const own =
      callEdits(site, code, core.name, given.text) ?? writtenEdits(site, eager, `${core.name}(${spaced(given.text)}`);
    if (own === undefined) continue;
    if ("reason" in own) reason = own.reason;
    else edits.push(...own, ...given.edits);
  }
  if (edits.length === 0) return { reason };
  return { title: core.title, edits: [...edits, ...definedOverTorch(code, core.source)] };
}

/** A call of the one kernel gets another name. */
function callEdits({ at, calls }: CallSite, code: Code, name: string, first: string): readonly Edit[] | undefined {
  const call = code.callAt(at);
  if (!call || calls.some((one) => one.eager)) return undefined;
  if (!/(^|\.)scaled_dot_product_attention$/.test(code.text(call.func))) return undefined;
  const { endLine: line, endColumn } = code.span(call.func);
  const column = endColumn + 1;
  const inside: Edit = { span: { line, column, endLine: line, endColumn: column }, text: spaced(first) };
  return [replace(call.func, name, code), ...(first === "" ? [] : [inside])];
}

function spaced(text: string): string {
  return text === "" ? "" : `${text}, `;
}

/** Products and a softmax become a call of the one kernel first, which gets another name. */
function writtenEdits(
  { at }: CallSite,
  sites: readonly EagerSite[],
  begun: string,
): readonly Edit[] | Reason | undefined {
  const found = sites.find((one) => one.at !== undefined && sameStart(one.at, at))?.edit;
  if (!found || "reason" in found) return found;
  const called = found.edits.map(({ span, text }) => ({
    span,
    text: text.replace(/[\w.]*\bscaled_dot_product_attention\(/, begun),
  }));
  return called.filter(({ text }) => !/^import torch\.nn\.functional( as F)?\n$/.test(text));
}

function sameStart(a: NonNullable<CallSite["at"]>, b: CallSite["at"]): boolean {
  return a.path === b?.path && a.line === b.line && a.column === b.column;
}
