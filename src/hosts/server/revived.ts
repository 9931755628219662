import { Unknown } from "../../base/unknown.ts";

/** A value that came from another thread, with its unknowns as unknowns again: a copy keeps fields and loses classes. */
export function revived<Value>(value: Value): Value {
  return revive(value) as Value;
}

function revive(value: unknown): unknown {
  if (typeof value !== "object" || value === null || value instanceof Unknown) return value;
  if (Array.isArray(value)) return value.map(revive);
  const { reason, at, plain } = value as Partial<Unknown>;
  if (typeof reason === "string" && typeof plain === "boolean") return new Unknown(reason, at, plain);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, revive(inner)]));
}
