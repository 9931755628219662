/** What techniques say about weighed models, added to their reports. */
import { advise } from "../advice/advise.ts";
import type { Subject } from "../advice/subject.ts";
import { techniqueFindings } from "../advice/techniqueFindings.ts";
import { whatIf } from "../advice/whatIf.ts";
import type { ModelReport } from "../cost/report.ts";
import type { WeighedModel } from "./model.ts";

/** Adds the findings of exact techniques; what the scenario's techniques do; and where `all`, what each of the catalogue would. */
export function withAdvice({ report, subject }: WeighedModel, all: boolean, again: Subject["again"]): ModelReport {
  if (!subject) return report;
  const asked: Subject = { ...subject, again };
  const { techniques } = report.scenario;
  const advice = all ? advise(asked) : undefined;
  return {
    ...report,
    findings: [...report.findings, ...techniqueFindings(asked)],
    ...(techniques?.length && { whatIf: whatIf(asked, techniques) }),
    ...(advice && { advice: advice.fitting, considered: advice.considered }),
  };
}
