/** The report of a model that could not be built. */
import type { Scenario } from "../base/scenario.ts";
import type { Unknown } from "../base/unknown.ts";
import { noMemory } from "../cost/memory/reporting.ts";
import type { LayerReport, ModelReport } from "../cost/report.ts";
import type { Recipe } from "../evidence/models.ts";

/** Every figure is unknown for that reason. */
export function emptyReport(recipe: Recipe, scenario: Scenario, reason: Unknown): ModelReport {
  const root: LayerReport = {
    path: "",
    className: recipe.className,
    children: [],
    params: reason,
    ownParams: reason,
    weightBytes: reason,
    bufferBytes: reason,
    flops: reason,
    savedBytes: reason,
    trafficBytes: reason,
    calls: 0,
    inputs: [],
    outputs: [],
    madeAt: undefined,
    classAt: recipe.at,
    calledAt: [],
  };
  return {
    name: recipe.className,
    at: recipe.at,
    evidence: recipe.evidence,
    scenario,
    uses: { sequence: false, image: false },
    root,
    trainableParams: reason,
    memory: noMemory(reason),
    time: undefined,
    complete: { params: false, flops: false, savedBytes: false, memory: false, time: false },
    unknowns: [reason],
    assumptions: recipe.guesses.map((text) => ({ text: `guessed: ${text}`, at: recipe.at })),
    findings: [],
    hints: [],
    classes: [recipe.className],
  };
}
