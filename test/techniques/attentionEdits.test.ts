import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { edited } from "../../src/advice/attention/edited.ts";
import { costsOf } from "../../src/advice/pricing.ts";
import type { AskedScenario } from "../../src/base/scenario.ts";
import type { CostName } from "../../src/cost/figuresAfter.ts";
import { subjectOf } from "../support/subject.ts";
import { advised } from "./advised.ts";

const usual = [
  "params",
  "weightBytes",
  "flops",
  "stepFlops",
  "activationBytes",
  "peakBytes",
  "kvBytes",
  "trafficBytes",
  "seconds",
] as const;

interface Page {
  readonly title: string;
  readonly text: string;
  readonly apply: string;
  readonly scenario: Partial<AskedScenario>;
  /** The figures that the edit brings; a page names them where others are spread over many passes. */
  readonly delivers: readonly CostName[];
  /** What the edit changes of the scenario itself: the length at which a tokenizer cuts. */
  readonly deliveredIn: Partial<AskedScenario>;
}

/** Pages of records and what they are applied to: the saving that is foretold is the one that the edit brings. */
describe("what an edit saves is what was foretold", () => {
  for (const [stem, page] of pagesWithEdits()) {
    it(`${stem}: ${page.title}`, () => {
      const { text, apply, delivers, deliveredIn } = page;
      const scenario = { sequence: 16, ...page.scenario };
      const report = advised(subjectOf(text, scenario), apply);
      assert(report.fix);
      const after = subjectOf(edited(text, report.fix.edits), { ...scenario, ...deliveredIn });
      assert(!after.pass.events.some(({ kind }) => kind === "unknown"), "the edited text is interpreted to its end");
      const now = costsOf(after);
      for (const figure of delivers) {
        const [before, foretold, is] = [report.before[figure], report.after[figure], now[figure]];
        if (before === undefined || foretold === undefined || is === undefined) continue;
        const room = Math.max(0.1 * Math.abs(before - is), 0.002 * before);
        assert(Math.abs(foretold - is) <= room, `${figure}: from ${before}, foretold ${foretold}, is ${is}`);
      }
    });
  }
});

function pagesWithEdits(): [string, Page][] {
  const stems = [
    "flashAttention",
    "ssaInformationPathways",
    "quantizableTransformers",
    "groupedQueryAttention",
    "slidingWindowAttention",
    "nextlat",
    "leanAttention",
    "landmarkAttention",
    "memo",
    "mtm",
    "simpleHack",
    "bottleneckedTransformer",
    "specKv",
    "specPc",
    "clinicalLongformer",
  ];
  return stems.flatMap((stem) =>
    readFileSync(`test/techniques/${stem}.md`, "utf8")
      .split(/^## /m)
      .slice(1)
      .filter((part) => part.includes("```after\n"))
      .map((part): [string, Page] => {
        const block = (kind: string) => new RegExp(`^\`\`\`${kind}\\n([\\s\\S]*?)^\`\`\``, "m").exec(part)?.[1] ?? "";
        const settings = JSON.parse(block("settings"));
        return [
          stem,
          {
            title: part.split("\n")[0] ?? "",
            text: block("py") || block("json"),
            apply: settings.apply,
            scenario: settings.scenario,
            delivers: settings.delivers ?? usual,
            deliveredIn: settings.deliveredIn ?? {},
          },
        ];
      }),
  );
}
