/** Comments that are to silence findings and cannot be followed. */
import type { Place } from "../base/place.ts";
import { isSilence } from "../evidence/directive.ts";
import type { Module } from "../syntax/ast.ts";
import { findingIds, nearestId } from "./ids.ts";
import { silencedRules } from "./silence.ts";

export function silenceProblems({ directives, path }: Module): { readonly at: Place; readonly problem: string }[] {
  const known = new Set(findingIds());
  return directives.flatMap(({ text, span }) => {
    if (!isSilence(text)) return [];
    const at = { path, ...span };
    const read = silencedRules(text);
    if ("problem" in read) return [{ at, problem: read.problem }];
    return (read.rules ?? [])
      .filter((id) => !known.has(id))
      .map((id) => ({ at, problem: `no finding is called ${id}${nearestId(id) ? `; ${nearestId(id)} is` : ""}` }));
  });
}
