import assert from "node:assert/strict";
import { findings, findingText } from "../../src/surfaces/diagnostics.ts";
import { type Example, type Outcome, pages } from "../support/page.ts";
import { parser } from "../syntax/parser.ts";
import { applied, reportOf } from "./check.ts";

pages("test/rules", check);

/** The findings of an example; `after` is its text with the first fix, which must take its finding away and add no other. */
function check(example: Example): Outcome {
  const { files, main } = example;
  const report = reportOf(example);
  assert.deepEqual(
    report.models.flatMap(({ unknowns }) => unknowns.map(({ reason }) => reason)),
    example.settings.unknown ?? [],
  );
  const found = findings(report);
  const snapshots: Record<string, string> = {};
  for (const finding of found) {
    for (const fix of finding.fixes) {
      const text = applied(files[main]!, fix);
      assert.deepEqual(parser.parse(main, text).problems, [], fix.title);
      const made = fix.creates && { [fix.creates.path.replace(/^\//, "")]: fix.creates.text };
      const left = findings(reportOf({ ...example, files: { ...files, [main]: text, ...made } }));
      assert.equal(left.length, found.length - 1, `after "${fix.title}": ${left.map(findingText).join(" ")}`);
      snapshots.after ??= fix.creates?.text ?? applied(withoutPromise(files[main]!, finding.at.line), fix);
    }
  }
  if (snapshots.after !== undefined && !example.blocks.snapshots.after)
    assert.fail("a fix is offered, and no block shows what it does");
  return {
    values: new Map(),
    findings: found.map((finding) => ({
      line: finding.at.line,
      severity: finding.severity,
      rule: finding.rule,
      message: findingText(finding),
    })),
    snapshots,
  };
}

/** The text without what a line promises, which an applied fix would make untrue. */
function withoutPromise(text: string, line: number): string {
  const lines = text.split("\n");
  lines[line] = lines[line]!.replace(/ *# (error|warning|information|hint): \[.*$/, "");
  return lines.join("\n");
}
