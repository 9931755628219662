/** Findings are silenced where they stand, in a file, and by a project; fixes compose. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import type { FileReport, Finding } from "../../src/cost/report.ts";
import { findings } from "../../src/surfaces/diagnostics.ts";
import { completions } from "../../src/surfaces/directives.ts";
import { fixAll } from "../../src/surfaces/fixAll.ts";
import { silencingFix } from "../../src/surfaces/silencing.ts";
import { type Example, examples } from "../support/example.ts";
import { parser } from "../syntax/parser.ts";
import { applied, reportOf } from "./check.ts";

const found = readdirSync("test/rules")
  .filter((file) => file.endsWith(".md") && file !== "unfusedAttention.md")
  .flatMap((file) => examples(readFileSync(`test/rules/${file}`, "utf8")).map((example) => ({ file, example })))
  .map(({ file, example }) => ({ file, example, report: reportOf(example), text: example.files[example.main]! }))
  .filter(({ report }) => findings(report).length > 0);

const key = ({ rule, what }: Finding) => `${rule}: ${what}`;
const keys = (report: FileReport) => findings(report).map(key).sort();
const again = (example: Example, text: string) =>
  reportOf({ ...example, files: { ...example.files, [example.main]: text } });
const withoutFirst = (all: readonly string[], one: string) => all.toSpliced(all.indexOf(one), 1);

describe("a comment silences a finding", () => {
  for (const { file, example, report, text } of found) {
    it(`${file}: ${example.title}`, () => {
      for (const finding of findings(report)) {
        const fix = silencingFix(report, text, finding);
        assert(fix, `nothing silences ${finding.rule}`);
        const silent = applied(text, fix);
        assert.deepEqual(parser.parse(example.main, silent).problems, []);
        assert.deepEqual(keys(again(example, silent)), withoutFirst(keys(report), key(finding)));
        const whole = `# assay: ignore-file[${finding.rule}]\n${text}`;
        const rules = findings(again(example, whole)).map(({ rule }) => rule);
        assert(!rules.includes(finding.rule), "the whole file is silent of it");
      }
    });
  }
});

describe("exact fixes compose", () => {
  const exact = found.filter(({ report }) => fixAll(report).edits.length > 0);

  it("there are some", () => assert(exact.length > 4));

  for (const { file, example, report, text } of exact) {
    it(`${file}: ${example.title}`, () => {
      const { edits, fixed } = fixAll(report);
      const after = applied(text, { title: "all", edits });
      assert.deepEqual(parser.parse(example.main, after).problems, []);
      const left = keys(again(example, after));
      const kept = fixed.reduce((all, finding) => withoutFirst(all, key(finding)), keys(report));
      assert.deepEqual(left, kept);
    });
  }

  it("several in one file, all at once and one after the other", () => {
    const scripts = exact.filter(({ report }) => report.models.length === 0);
    const text = scripts.map((one, i) => one.text.replaceAll(/\bdef (\w+)/g, `def $1_${i}`)).join("\n\n");
    const [{ example }] = scripts as [(typeof scripts)[number]];
    const report = again(example, text);
    const { edits, fixed } = fixAll(report);
    assert(fixed.length >= scripts.length, `${fixed.length} of ${scripts.length}`);
    const after = applied(text, { title: "all", edits });
    assert.deepEqual(parser.parse(example.main, after).problems, []);
    assert.deepEqual(
      keys(again(example, after)),
      fixed.reduce((all, finding) => withoutFirst(all, key(finding)), keys(report)),
    );
    let now = text;
    let left = findings(report);
    for (let fixable = fixAll(report).fixed; fixable.length > 0; ) {
      now = applied(now, fixable[0]!.fixes[0]!);
      const next = again(example, now);
      assert.equal(findings(next).length, left.length - 1);
      left = findings(next);
      fixable = fixAll(next).fixed;
    }
    assert.deepEqual(left.map(key).sort(), keys(again(example, after)));
  });
});

describe("comments that silence", () => {
  const main = "train.py";
  const loop = (comment: string, above = "") =>
    `def train(model, optimizer, batches):\n    for x in batches:\n        optimizer.zero_grad()\n${above}        model(x).sum().backward(retain_graph=True)${comment}\n        optimizer.step()\n`;
  const rulesOf = (text: string) =>
    findings(reportOf({ files: { [main]: text }, main, settings: {} })).map(({ rule, what }) => `${rule}: ${what}`);

  it("name the rule, several, or none", () => {
    assert.equal(rulesOf(loop("")).length, 1);
    assert.deepEqual(rulesOf(loop("  # assay: ignore[needless-retain-graph]")), []);
    assert.deepEqual(rulesOf(loop("  # assay: ignore[emptied-cache, needless-retain-graph]")), []);
    assert.deepEqual(rulesOf(loop("  # assay: ignore")), []);
    assert.deepEqual(rulesOf(loop("  # noqa: E501  # assay: ignore[needless-retain-graph]")), []);
    assert.equal(rulesOf(loop("  # assay: ignore[emptied-cache]")).length, 1);
  });

  it("stand on the line above as well, with the reason between", () => {
    assert.deepEqual(rulesOf(loop("", "        # assay: ignore[needless-retain-graph]\n")), []);
    assert.deepEqual(
      rulesOf(loop("", "        # assay: ignore[needless-retain-graph]: the hook below needs it\n        # More.\n")),
      [],
    );
    assert.equal(rulesOf(loop("", "        # assay: ignore[needless-retain-graph]\n        y = x\n")).length, 1);
  });

  it("that name no finding are told of, with the nearest", () => {
    assert.deepEqual(
      rulesOf(loop("  # assay: ignore[needless-retain-grap]")).filter((one) => one.startsWith("assay-comment")),
      ["assay-comment: no finding is called needless-retain-grap; needless-retain-graph is"],
    );
    assert.match(rulesOf(loop("  # assay: ignore[")).join(), /assay-comment: cannot be read/);
  });

  it("are completed: what is found there first, then every finding", () => {
    const report = reportOf({ files: { [main]: loop("") }, main, settings: {} });
    const line = "        model(x).sum().backward(retain_graph=True)  # assay: ";
    const [first] = completions(report, line, line.length, 3);
    assert.equal(first?.insert, "ignore[needless-retain-graph]");
    const inside = `${line}ignore[unused-layer, `;
    const ids = completions(report, inside, inside.length, 3).map(({ insert }) => insert);
    assert.equal(ids[0], "needless-retain-graph");
    assert(ids.includes("unfused-attention") && !ids.includes("unused-layer"));
  });

  it("a project's severities go before a person's", () => {
    const report = reportOf({ files: { [main]: loop("") }, main, settings: {} });
    const severities = (project: FileReport["rules"]) =>
      findings({ ...report, rules: project }, { "needless-retain-graph": "error" }).map(({ severity }) => severity);
    assert.deepEqual(severities(undefined), ["error"]);
    assert.deepEqual(severities({ "needless-retain-graph": "hint" }), ["hint"]);
    assert.deepEqual(severities({ "needless-retain-graph": "off" }), []);
  });
});
