import assert from "node:assert/strict";
import { adviceOf } from "../../src/advice/advise.ts";
import { costsOf } from "../../src/advice/pricing.ts";
import type { Subject } from "../../src/advice/subject.ts";
import { asked, parseApplied } from "../../src/advice/techniques.ts";
import { Unknown } from "../../src/base/unknown.ts";
import type { AdviceReport } from "../../src/cost/figuresAfter.ts";

/** What a technique, written as `id[knob=value]`, says of a model where it fits. */
export function advised(subject: Subject, text: string): AdviceReport {
  const [wanted] = parseApplied(text) as readonly { id: string }[];
  assert(wanted);
  const found = asked(wanted);
  assert(!("reason" in found), JSON.stringify(found));
  const { sites, why } = found.technique.find(subject);
  assert(sites.length > 0, why);
  const report = adviceOf(subject, found.technique, sites, costsOf(subject), found.knobs);
  assert(!(report instanceof Unknown), report instanceof Unknown ? report.reason : "");
  return report;
}
