import assert from "node:assert/strict";
import { findings, findingText } from "../../src/surfaces/diagnostics.ts";
import { applied } from "../rules/check.ts";
import { type Example, type Outcome, pages } from "../support/page.ts";
import { analyzedScript } from "../support/scripts.ts";

pages("test/scriptRules", check);

/** The findings of an example; `after` is its text with the first fix, which must take its finding away and add no other. */
function check({ files, main, blocks, settings }: Example): Outcome {
  const text = files[main] ?? "";
  const told = (source: string) =>
    findings(analyzedScript(main, source, undefined, settings.scenario as Record<string, never> | undefined, files));
  const found = told(text);
  const snapshots: Record<string, string> = {};
  for (const finding of found) {
    for (const fix of finding.fixes) {
      const left = told(applied(text, fix));
      assert.equal(left.length, found.length - 1, `after "${fix.title}": ${left.map(findingText).join(" ")}`);
      const plain = text.split("\n");
      plain[finding.at.line] = (plain[finding.at.line] ?? "").replace(
        / *\/\/ (error|warning|information|hint): \[.*$/,
        "",
      );
      snapshots.after ??= applied(plain.join("\n"), fix);
    }
  }
  if (snapshots.after !== undefined && !blocks.snapshots.after) assert.fail("a fix is offered, and no block shows it");
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
