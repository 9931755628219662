import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { edited } from "../../src/advice/attention/edited.ts";
import { costsOf } from "../../src/advice/pricing.ts";
import type { AskedScenario } from "../../src/base/scenario.ts";
import { subjectOf } from "../support/subject.ts";
import { advised } from "./advised.ts";

/** Pages of records and what they are applied to: the saving that is foretold is the one that the edit brings. */
describe("what an edit of attention saves is what was foretold", () => {
  for (const [page, settings] of pagesWithEdits()) {
    it(`${page}: ${settings.title}`, () => {
      const { text, apply, scenario } = settings;
      const subject = subjectOf(text, { sequence: 16, ...scenario });
      const report = advised(subject, apply);
      assert(report.fix);
      const now = costsOf(subjectOf(edited(text, report.fix.edits), { sequence: 16, ...scenario }));
      for (const figure of ["params", "stepFlops", "activationBytes", "peakBytes", "kvBytes"] as const) {
        const [before, foretold, after] = [report.before[figure], report.after[figure], now[figure]];
        if (before === undefined || foretold === undefined || after === undefined) continue;
        const saved = Math.abs(before - after);
        const off = Math.abs(foretold - after);
        assert(
          off <= Math.max(0.1 * saved, 0.002 * before),
          `${figure}: from ${before}, foretold ${foretold}, is ${after}`,
        );
      }
    });
  }
});

function pagesWithEdits(): [
  string,
  { title: string; text: string; apply: string; scenario: Partial<AskedScenario> },
][] {
  const stems = [
    "flashAttention",
    "ssaInformationPathways",
    "quantizableTransformers",
    "groupedQueryAttention",
    "slidingWindowAttention",
  ];
  return stems.flatMap((stem) =>
    readFileSync(`test/techniques/${stem}.md`, "utf8")
      .split(/^## /m)
      .slice(1)
      .filter((part) => part.includes("```after\n"))
      .map((part): [string, { title: string; text: string; apply: string; scenario: Partial<AskedScenario> }] => {
        const block = (kind: string) => new RegExp(`^\`\`\`${kind}\\n([\\s\\S]*?)^\`\`\``, "m").exec(part)?.[1] ?? "";
        const settings = JSON.parse(block("settings"));
        return [
          stem,
          {
            title: part.split("\n")[0] ?? "",
            text: block("py") || block("json"),
            apply: settings.apply,
            scenario: settings.scenario,
          },
        ];
      }),
  );
}
