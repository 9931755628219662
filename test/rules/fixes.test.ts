/** Fixes of rules, on every example of their pages: what they leave behind, alone and together. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import type { FileReport, Finding, Fix } from "../../src/cost/report.ts";
import { findings } from "../../src/surfaces/diagnostics.ts";
import { overlap } from "../support/delivered.ts";
import { type Example, examples } from "../support/example.ts";
import { parser } from "../syntax/parser.ts";
import { applied, reportOf } from "./check.ts";

const folder = "test/rules";

/** The example's main file with fixes applied. */
function fixedText({ files, main }: Example, ...fixes: readonly Fix[]): string {
  return applied(files[main] as string, { title: "", edits: fixes.flatMap(({ edits }) => edits) });
}

function reportAfter(example: Example, text: string): FileReport {
  assert.deepEqual(
    parser.parse(example.main, text).problems.map(({ message }) => message),
    [],
    text,
  );
  return reportOf({ ...example, files: { ...example.files, [example.main]: text } });
}

const count = (list: readonly Finding[], rule: string) => list.filter((one) => one.rule === rule).length;
const errors = (list: readonly Finding[]) => list.filter(({ severity }) => severity === "error").length;
const unknowns = ({ models }: FileReport) => models.reduce((sum, model) => sum + model.unknowns.length, 0);

describe("fixes of rules", function () {
  this.timeout(120_000);
  for (const file of readdirSync(folder).filter((one) => one.endsWith(".md"))) {
    it(`${file}: each removes its finding, parses, adds no error, and goes with the others`, () => {
      for (const example of examples(readFileSync(`${folder}/${file}`, "utf8"))) {
        const before = reportOf(example);
        const listed = findings(before);
        const fixable = listed.filter(({ fixes: [fix] }) => fix && !fix.creates && fix.edits.length > 0);
        for (const { rule, fixes } of fixable) {
          const after = reportAfter(example, fixedText(example, fixes[0] as Fix));
          const left = findings(after);
          assert(count(left, rule) < count(listed, rule), `${example.title}: ${rule} is still there`);
          assert(errors(left) <= errors(listed), `${example.title}: ${rule} adds an error`);
          assert(unknowns(after) <= unknowns(before), `${example.title}: ${rule} hides something`);
        }
        for (const [i, one] of fixable.entries())
          for (const other of fixable.slice(i + 1)) {
            const [first, second] = [one.fixes[0] as Fix, other.fixes[0] as Fix];
            if (overlap(first, second)) continue;
            const left = findings(reportAfter(example, fixedText(example, first, second)));
            assert(errors(left) <= errors(listed), `${example.title}: ${one.rule} and ${other.rule}`);
          }
      }
    });
  }
});
