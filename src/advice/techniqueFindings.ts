/** Findings out of techniques: those that keep outputs as they are and that an edit applies. */
import { showBytes, showShare, showTime } from "../base/units.ts";
import { Unknown } from "../base/unknown.ts";
import type { AdviceReport, CostName } from "../cost/figuresAfter.ts";
import type { Finding } from "../cost/report.ts";
import { adviceOf } from "./advise.ts";
import { costsOf } from "./pricing.ts";
import type { Subject } from "./subject.ts";
import { techniques } from "./techniques.ts";

/**
 * Others would change what the model computes: they stand in the report's list, not among the problems. A saving above five
 * percent of what it is taken from is information, a smaller one a hint.
 */
export function techniqueFindings(subject: Subject): Finding[] {
  let before: ReturnType<typeof costsOf> | undefined;
  return [...techniques.values()].flatMap((technique): Finding[] => {
    if (!technique.exact || !technique.edit || technique.toldBy !== undefined) return [];
    const { sites } = technique.find(subject);
    const [first] = sites;
    if (!first?.at || first.at.path !== subject.file.path) return [];
    before ??= costsOf(subject);
    const advice = adviceOf(subject, technique, sites, before);
    // What no edit applies is told in the report: a problem is there to be acted on.
    if (advice instanceof Unknown || !advice.saves || !advice.fix) return [];
    return [
      {
        rule: technique.id,
        severity: advice.saves.share >= 0.05 ? "information" : "hint",
        at: first.at,
        what: sites.map(({ what }) => what).join(" "),
        why: savingText(advice),
        price: technique.price,
        fixes: [advice.fix],
      },
    ];
  });
}

const names: Partial<Record<CostName, string>> = {
  peakBytes: "peak memory",
  eagerSeconds: "time",
  seconds: "time of the kernels",
  kvBytes: "KV cache",
  weightBytes: "weights",
  activationBytes: "activations",
  optimizerBytes: "optimizer state",
  trainableParams: "trained parameters",
  params: "parameters",
  flops: "FLOPs",
  stepFlops: "FLOPs of a step",
};

/** `Peak memory 24.6 → 18.2 GB, 26 % less.` */
function savingText({ before, after, saves, remarks }: AdviceReport): string {
  if (!saves) return remarks.join(" ");
  const [was = 0, is = 0] = [before[saves.figure], after[saves.figure]];
  const name = names[saves.figure] ?? saves.figure;
  const show = saves.figure.endsWith("Bytes")
    ? (value: number) => showBytes(value, "GB")
    : saves.figure.endsWith("econds")
      ? showTime
      : (value: number) => value.toPrecision(3);
  return [
    `${name[0]?.toUpperCase()}${name.slice(1)} ${show(was)} → ${show(is)}, ${showShare(was - is, was)} less.`,
    ...remarks,
  ].join(" ");
}
