/** SARIF as code scanning takes it: the structure that the standard demands, and fingerprints that outlive edits. */
import assert from "node:assert/strict";
import { z } from "zod";
import { explanation } from "../../src/advice/explain.ts";
import type { Finding } from "../../src/cost/report.ts";
import { sarifLog } from "../../src/surfaces/sarif.ts";

/** Objects 3.13 to 3.52 of SARIF 2.1.0, as far as a log of findings holds them; any other key is refused. */
const message = z.strictObject({ text: z.string().min(1), markdown: z.string().optional() });
const level = z.enum(["none", "note", "warning", "error"]);
const place = z.number().int().min(1);
const region = z
  .strictObject({ startLine: place, startColumn: place, endLine: place, endColumn: place })
  .refine((one) => one.endLine > one.startLine || (one.endLine === one.startLine && one.endColumn > one.startColumn));
const rule = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]+$/),
  name: z.string().regex(/^[A-Za-z0-9]+$/),
  // GitHub's code scanning asks for all three.
  shortDescription: message,
  fullDescription: message,
  help: message,
  defaultConfiguration: z.strictObject({ level }),
});
const artifact = z.strictObject({
  // A relative reference: no scheme, no root, no way out of the repository.
  uri: z.string().regex(/^(?![a-z]+:|\/|\.\.)[^\\ ]+$/i),
  uriBaseId: z.literal("%SRCROOT%"),
});
const result = z.strictObject({
  ruleId: z.string(),
  ruleIndex: z.number().int().min(0),
  level,
  message,
  locations: z
    .array(z.strictObject({ physicalLocation: z.strictObject({ artifactLocation: artifact, region }) }))
    .length(1),
  partialFingerprints: z.strictObject({
    primaryLocationLineHash: z.string().regex(/^[0-9a-f]{16}:\d+$/),
    "assayFinding/v1": z.string().min(1),
  }),
});
const sarif = z.strictObject({
  $schema: z.url(),
  version: z.literal("2.1.0"),
  runs: z
    .array(
      z.strictObject({
        tool: z.strictObject({
          driver: z.strictObject({ name: z.literal("Assay"), semanticVersion: z.string(), rules: z.array(rule) }),
        }),
        columnKind: z.literal("utf16CodeUnits"),
        originalUriBaseIds: z.strictObject({ "%SRCROOT%": z.strictObject({ description: message }) }),
        results: z.array(result),
      }),
    )
    .length(1),
});

const finding = (rule: string, line: number, severity: Finding["severity"] = "warning"): Finding => ({
  rule,
  severity,
  at: { path: "/ws/a b/net.py", line, column: 4, endLine: line, endColumn: 4 },
  what: "It is so.",
  why: "It matters.",
  price: "",
  fixes: [],
});

function logOf(findings: readonly Finding[], text: string) {
  const log = sarifLog({
    version: "1.2.3",
    findings,
    help: (id) => {
      const found = explanation(id);
      return "markdown" in found ? found.markdown : undefined;
    },
    relative: (path) => path.replace("/ws/", ""),
    lineOf: ({ line }) => text.split("\n")[line] ?? "",
  });
  return sarif.parse(log).runs[0]!;
}

describe("SARIF", () => {
  it("has every finding with its rule, place and level, columns from 1", () => {
    const { results, tool } = logOf(
      [finding("over-budget", 2, "error"), finding("unused-layer", 0), finding("unused-layer", 1, "hint")],
      "a\nb\nc",
    );
    assert.deepEqual(
      results.map(({ ruleId, level: one }) => [ruleId, one]),
      [
        ["over-budget", "error"],
        ["unused-layer", "warning"],
        ["unused-layer", "note"],
      ],
    );
    for (const { ruleId, ruleIndex } of results) assert.equal(tool.driver.rules[ruleIndex]!.id, ruleId);
    assert.deepEqual(results[0]!.locations[0]!.physicalLocation, {
      artifactLocation: { uri: "a%20b/net.py", uriBaseId: "%SRCROOT%" },
      region: { startLine: 3, startColumn: 5, endLine: 3, endColumn: 6 },
    });
    for (const { help, shortDescription } of tool.driver.rules) {
      assert.match(help.markdown!, /^# /);
      assert.match(shortDescription.text, /^[A-Z].*\.$/);
    }
  });

  it("knows a finding again after lines above it moved, and tells equal lines apart", () => {
    const prints = (findings: readonly Finding[], text: string) =>
      logOf(findings, text).results.map((one) => one.partialFingerprints["assayFinding/v1"]);
    const before = prints([finding("unused-layer", 0), finding("unused-layer", 1)], "same\nsame\nother");
    const after = prints([finding("unused-layer", 1), finding("unused-layer", 2)], "new\nsame\nsame");
    assert.deepEqual(before, after);
    assert.equal(new Set(before).size, 2);
    assert.notEqual(prints([finding("unused-layer", 2)], "same\nsame\nother")[0], before[0]);
    assert.notEqual(prints([finding("over-budget", 0)], "same")[0], before[0]);
  });

  it("with nothing found is a whole log without results", () => {
    const { results, tool } = logOf([], "");
    assert.deepEqual([results, tool.driver.rules], [[], []]);
  });
});
