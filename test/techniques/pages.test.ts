import assert from "node:assert/strict";
import type { Subject } from "../../src/advice/subject.ts";
import { asked, parseApplied } from "../../src/advice/techniques.ts";
import { whatIf } from "../../src/advice/whatIf.ts";
import type { AppliedTechnique, AskedScenario } from "../../src/base/scenario.ts";
import { findings, findingText } from "../../src/surfaces/diagnostics.ts";
import { whatIfText } from "../../src/surfaces/whatIf.ts";
import { applied, reportOf } from "../rules/check.ts";
import { type Example, type Outcome, pages } from "../support/page.ts";
import { subjectOf } from "../support/subject.ts";
import { gatesText } from "./gates/gate.ts";
import { gates } from "./gates/index.ts";

pages("test/techniques", check);

/**
 * An example is a model; its settings say the scenario and, as `"apply": "id[knob=value],…"`, which techniques. `what-if` is
 * what `assay what-if` prints, `after` the text with the first fix of the last technique named, `gates` that technique's
 * published figures beside Assay's.
 */
function check(example: Example): Outcome {
  const { files, main, settings } = example;
  const text = files[main] as string;
  const scenario = { sequence: 16, ...(settings.scenario as Partial<AskedScenario>) };
  const subject = subjectOf(text, scenario);
  const wanted = parseApplied(String(settings.apply ?? ""));
  assert(!("reason" in wanted), JSON.stringify(wanted));
  const snapshots: Record<string, string> = { "what-if": whatIfText(whatIf(subject, wanted)) };
  const listed = findings(reportOf(example));
  const last = wanted.at(-1);
  if (last && example.snapshots.gates !== undefined) snapshots.gates = gatesText(gates[last.id]?.() ?? []);
  const fixed = listed.find(({ rule, fixes }) => rule === last?.id && fixes.length > 0)?.fixes[0];
  const edit = fixed ?? (last && editOf(subject, last));
  if (edit) snapshots.after = applied(text, edit);
  return {
    values: new Map(),
    findings: listed
      .filter(({ rule }) => wanted.some(({ id }) => id === rule))
      .map((finding) => ({
        line: finding.at.line,
        severity: finding.severity,
        rule: finding.rule,
        message: findingText(finding),
      })),
    snapshots,
  };
}

/** The edit of a technique that is no finding of its own. */
function editOf(subject: Subject, wanted: AppliedTechnique) {
  const found = asked(wanted);
  if ("reason" in found) return undefined;
  const { sites } = found.technique.find(subject);
  const edit = sites.length > 0 ? found.technique.edit?.(subject, sites, found.knobs) : undefined;
  return edit && !("reason" in edit) ? edit : undefined;
}
