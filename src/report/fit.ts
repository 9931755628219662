/** What is said where a model does not fit the scenario's device. */
import { showBytes } from "../base/units.ts";
import { known } from "../base/unknown.ts";
import { type Cuttable, cutsOf, cuttable, momentsOf } from "../cost/fit/cuts.ts";
import type { Finding, ModelReport } from "../cost/report.ts";
import type { BuiltLayer } from "../torch/modelTree.ts";

const gb = (bytes: number) => showBytes(bytes, "GB");

/**
 * A warning where even the lower end of the interval is more than the device has. Each moment of the step that is over the
 * limit is told with its largest terms and what could be cut off them.
 */
export function fitFindings(model: ModelReport, tree: BuiltLayer): Finding[] {
  const { fit, device, memory, scenario, complete, ranks } = model;
  if (!device || !complete.memory || fit?.kind !== "does not fit" || fit.headroomBytes === undefined) return [];
  const { limitBytes } = fit;
  const over = -fit.headroomBytes;
  const all = limitBytes + over;
  // What the allocator reserves and the process takes comes on top at every moment.
  const beside = all - (known(memory.peakBytes) ?? all);
  const cuts = cutsOf(scenario, tree);
  const told = new Map<string, string[]>();
  for (const moment of momentsOf(memory)) {
    if (moment.bytes + beside <= limitBytes) continue;
    const what = `${gb(moment.bytes)}: ${cuttable(moment, cuts).slice(0, 4).map(termText).join(", ")}.`;
    told.set(what, [...(told.get(what) ?? []), moment.part === undefined ? "the peak" : names[moment.part]]);
  }
  const moments = [...told].map(([what, when]) => `In ${when.join(" and ")} ${what}`);
  const each = ranks === undefined ? "" : " on each";
  return [
    {
      rule: "does-not-fit",
      severity: "warning",
      at: model.at,
      what: `${model.name} needs ${gb(all)}${each} in ${scenario.phase}, and ${device.name} has ${gb(limitBytes)}.`,
      why: `${gb(over)} have to go. ${[...moments, ...besideText(beside)].join(" ")} \`assay advise\` prices what would cut them.`,
      price: "",
      fixes: [],
    },
  ];
}

const names = {
  forward: "the forward pass",
  loss: "the loss",
  backward: "the backward pass",
  recompute: "the recomputation",
  optimizer: "the optimizer's step",
} as const;

/** `optimizer state 8.4 GB (6.3 GB less with adamw-8bit)`. */
function termText({ term, bytes, how, by, atMost }: Cuttable): string {
  return `${term} ${gb(bytes)}${how === undefined ? "" : ` (${atMost ? "up to " : ""}${gb(by)} less with ${how})`}`;
}

function besideText(bytes: number): string[] {
  return bytes > 0 ? [`The allocator's reserve and the process's context add ${gb(bytes)}.`] : [];
}
