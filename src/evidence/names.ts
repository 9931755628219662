/** The names of a scenario's sizes, as comments and inferred inputs use them. */
import type { Scenario } from "../base/scenario.ts";

/** `B` batch, `T` and `S` sequence, `H` and `W` image size. */
export function scenarioNames({ batch, sequence, imageSize }: Scenario): ReadonlyMap<string, number> {
  return new Map([
    ["B", batch],
    ["T", sequence],
    ["S", sequence],
    ["L", sequence],
    ["H", imageSize],
    ["W", imageSize],
  ]);
}
