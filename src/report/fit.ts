/** What is said where a model does not fit the scenario's device. */
import { showBytes, showShare } from "../base/units.ts";
import type { Device } from "../cost/devices/device.ts";
import { verdict } from "../cost/fit/verdict.ts";
import { weighedOf } from "../cost/fit/weighed.ts";
import type { Finding, ModelReport } from "../cost/report.ts";

/** A warning where even the lower end of the interval is more than the device has; the terms that could be cut, with their sizes. */
export function fitFindings(model: ModelReport, device: Device | undefined): Finding[] {
  if (!device || !model.complete.memory) return [];
  const weighed = weighedOf(model);
  const { kind, limitBytes, headroomBytes } = verdict(weighed, device);
  if (kind !== "does not fit" || headroomBytes === undefined) return [];
  const over = -headroomBytes;
  const all = limitBytes + over;
  const largest = weighed.terms
    .slice(0, 3)
    .map(({ name, bytes }) => `${name} ${showBytes(bytes, "GB")} (${showShare(bytes, all)})`);
  return [
    {
      rule: "does-not-fit",
      severity: "warning",
      at: model.at,
      what: `${model.name} needs ${showBytes(all, "GB")} in ${model.scenario.phase}, and ${device.name} has ${showBytes(limitBytes, "GB")}.`,
      why: `${showBytes(over, "GB")} have to go; most is taken by ${largest.join(", ")}. \`assay advise\` says what would cut them.`,
      price: "",
      fixes: [],
    },
  ];
}
