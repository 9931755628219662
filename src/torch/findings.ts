import type { Place } from "../base/place.ts";
import type { Refused } from "../ops/op.ts";
import type { Interpreter } from "../python/interpreter.ts";

/** An operation that cannot run on its inputs. */
export interface Refusal {
  readonly op: string;
  readonly rule: Refused["rule"];
  readonly message: string;
  readonly at: Place | undefined;
}

/** What operations refused, in order; some of it was caught by the code. */
export function refusals(py: Interpreter): Refusal[] {
  const list = (py.extensions.get("refusals") as Refusal[] | undefined) ?? [];
  py.extensions.set("refusals", list);
  return list;
}

export function reportRefusal(py: Interpreter, op: string, { rule, message }: Refused, at: Place | undefined): void {
  refusals(py).push({ op, rule, message, at });
}
