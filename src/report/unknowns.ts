import { type Place, showPlace } from "../base/place.ts";
import { type Known, Unknown } from "../base/unknown.ts";
import type { Note } from "../python/interpreter.ts";

/** What is not known, each once: what stopped the pass first, then what was not understood, then what was assumed. */
export function unknownsOf(
  built: readonly Note[],
  pass: readonly Note[],
  figures: readonly (Known<unknown> | undefined)[],
): Unknown[] {
  const all = [
    ...figures.filter((one) => one instanceof Unknown),
    ...[...built, ...pass].map(({ reason, at }) => new Unknown(reason, at)),
  ];
  return eachOnce(all, ({ reason }) => reason);
}

/** What was assumed, each once though a layer of every block assumes it anew. */
export function assumptionsOf(notes: readonly Note[]): { text: string; at: Place | undefined }[] {
  const assumed = notes.filter(({ kind }) => kind === "assumption").map(({ reason, at }) => ({ text: reason, at }));
  return eachOnce(assumed, ({ text }) => text);
}

function eachOnce<T extends { readonly at?: Place | undefined }>(all: readonly T[], textOf: (one: T) => string): T[] {
  const seen = new Set<string>();
  return all.filter((one) => {
    const key = `${textOf(one)}@${showPlace(one.at)}`;
    return !seen.has(key) && seen.add(key);
  });
}
