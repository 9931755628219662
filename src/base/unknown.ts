import type { Place } from "./place.ts";

/**
 * What cannot be known, with the reason and the place. It is a value: it spreads through whatever uses it, is never
 * counted as zero and never guessed.
 */
export class Unknown {
  constructor(
    /** One clause in lower case that names the cause: `flash_attn is not installed`. */
    readonly reason: string,
    readonly at?: Place,
    /** A number, a flag or text whatever its value: no tensor and no module, so that nothing it touches is left uncounted. */
    readonly plain = false,
  ) {}
}

/** A figure, or why there is none. */
export type Known<T> = T | Unknown;

/** The figure, or `undefined` where it is unknown. */
export function known<T>(value: Known<T>): T | undefined {
  return value instanceof Unknown ? undefined : value;
}
