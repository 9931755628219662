/** What a definition takes for granted because only values would say it: `assay.assume`. */
import { native } from "../python/native.ts";
import type { Value } from "../python/values.ts";

/** `assume(reason)`: figures that come of it are not called complete. */
export function assumptionNames(): Record<string, Value> {
  return {
    assume: native("assume(reason)", (py, reason: Value) => {
      py.note("assumption", String(reason));
      return null;
    }),
  };
}
