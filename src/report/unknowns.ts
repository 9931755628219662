import { showPlace } from "../base/place.ts";
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
  const seen = new Set<string>();
  return all.filter((one) => {
    const key = `${one.reason}@${showPlace(one.at)}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
