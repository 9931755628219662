/** What attention takes of a pass. */
import { known } from "../../base/unknown.ts";
import { timeOf } from "../../cost/time/timeOf.ts";
import type { Operation } from "../../trace/trace.ts";
import type { Subject } from "../subject.ts";

/** Seconds of each operation of the scenario's pass on its device; 0 where that is not known. */
export function operationSeconds({ device, pass, scenario }: Subject): (operation: Operation) => number {
  const operations = device && timeOf(pass, { device, scenario }).operations;
  return ({ index }) => known(operations?.get(index)?.seconds ?? 0) ?? 0;
}
