/** A model weighed at sizes around its scenario's, for the curves of how it grows. */
import { costsOf } from "../../advice/pricing.ts";
import { programOf } from "../../advice/program.ts";
import type { Subject } from "../../advice/subject.ts";
import { Unknown } from "../../base/unknown.ts";
import { memoryOf } from "../../cost/memory/memory.ts";
import { type GrowthCurve, type GrowthView, growthCurve, type SizePoint, sizesAround } from "./growth.ts";

/** Undefined where it was given up half-way. A size at which the model cannot be weighed is named as missing. */
export function growthOf(
  subject: Subject,
  uses: { readonly sequence: boolean },
  cancelled: () => boolean,
): GrowthView | undefined {
  const axes: GrowthCurve["axis"][] = uses.sequence ? ["sequence", "batch"] : ["batch"];
  const curves: GrowthCurve[] = [];
  for (const axis of axes) {
    const now = subject.scenario[axis];
    const points: SizePoint[] = [];
    const missing: number[] = [];
    for (const size of sizesAround(now)) {
      const weighed = size === now ? subject : subject.again?.({ scenario: { [axis]: size } });
      if (cancelled()) return undefined;
      if (!weighed || weighed instanceof Unknown) missing.push(size);
      else points.push(pointOf(weighed, size));
    }
    curves.push(growthCurve(axis, now, points, missing));
  }
  return { model: subject.name, curves };
}

function pointOf(subject: Subject, size: number): SizePoint {
  const { flops, seconds } = costsOf(subject);
  return { size, flops, memory: activationBytes(subject), time: seconds };
}

/** What operations make and is alive at the peak, caches included: what is held whatever the size is left out. */
function activationBytes(subject: Subject): number | undefined {
  const { tree, pass: trace, inputs, kvCaches, caches } = programOf(subject);
  const { scenario, device } = subject;
  const { terms, peakBytes } = memoryOf({ tree, trace, inputs, kvCaches, caches, scenario, device });
  if (peakBytes instanceof Unknown) return undefined;
  return terms
    .filter(({ name }) => growing.has(name))
    .reduce((sum, { bytes }) => sum + (bytes instanceof Unknown ? 0 : bytes), 0);
}

const growing: ReadonlySet<string> = new Set(["activations and temporaries", "KV cache"]);
