/** Findings as SARIF 2.1.0, the form in which code scanning takes them. */
import type { Place } from "../base/place.ts";
import type { Finding } from "../cost/report.ts";
import { findingText } from "./diagnostics.ts";

export interface SarifRun {
  readonly version: string;
  readonly findings: readonly Finding[];
  /** The page of a rule as Markdown; undefined where it has none. */
  readonly help: (rule: string) => string | undefined;
  /** A path relative to the repository, with forward slashes. */
  readonly relative: (path: string) => string;
  /** A line of a file, counted from 0, by which a finding is known again after lines above it moved. */
  readonly lineOf: (place: Place) => string;
}

const levels = { error: "error", warning: "warning", information: "note", hint: "note" } as const;

/** The log of one run. Places count from 1, columns in UTF-16 units; each finding has a fingerprint that outlives moved lines. */
export function sarifLog({ version, findings, help, relative, lineOf }: SarifRun): object {
  const rules = [...new Set(findings.map(({ rule }) => rule))].sort();
  const seen = new Map<string, number>();
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: "Assay",
            semanticVersion: version,
            rules: rules.map((id) => ruleOf(id, findings, help(id))),
          },
        },
        columnKind: "utf16CodeUnits",
        originalUriBaseIds: { [base]: { description: { text: "The root of the repository." } } },
        results: findings.map((finding) => {
          const { rule, severity, at } = finding;
          const uri = relative(at.path);
          const key = `${rule}\0${uri}\0${lineOf(at).trim()}`;
          const nth = (seen.get(key) ?? 0) + 1;
          seen.set(key, nth);
          return {
            ruleId: rule,
            ruleIndex: rules.indexOf(rule),
            level: levels[severity],
            message: { text: findingText(finding) },
            locations: [
              {
                physicalLocation: {
                  artifactLocation: { uri: encodeURI(uri), uriBaseId: base },
                  region: regionOf(at),
                },
              },
            ],
            // The first is the only one that GitHub reads.
            partialFingerprints: {
              primaryLocationLineHash: `${hash(key)}:${nth}`,
              "assayFinding/v1": `${hash(key)}:${nth}`,
            },
          };
        }),
      },
    ],
  };
}

const base = "%SRCROOT%";

function ruleOf(id: string, findings: readonly Finding[], page: string | undefined) {
  const example = findings.find(({ rule }) => rule === id) as Finding;
  const text = page === undefined ? example.what : plainText(page);
  const [, paragraph = example.what] = text.split(/\n{2,}/);
  return {
    id,
    name: id.replaceAll(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase()),
    shortDescription: { text: firstSentence(paragraph) },
    fullDescription: { text: paragraph.replaceAll("\n", " ") },
    help: { text, ...(page !== undefined && { markdown: page }) },
    defaultConfiguration: { level: levels[example.severity] },
  };
}

/** A region holds one character at least. */
function regionOf({ line, column, endLine, endColumn }: Place) {
  const end = endLine === line && endColumn <= column ? column + 1 : endColumn;
  return { startLine: line + 1, startColumn: column + 1, endLine: endLine + 1, endColumn: end + 1 };
}

function plainText(markdown: string): string {
  return markdown
    .replaceAll(/^#+ /gm, "")
    .replaceAll(/^```\w*\n?/gm, "")
    .replaceAll(/[`*]/g, "")
    .trim();
}

function firstSentence(paragraph: string): string {
  return (/^.*?[.!?](?=\s|$)/s.exec(paragraph)?.[0] ?? paragraph).replaceAll("\n", " ");
}

/** 64 bits of FNV-1a in hexadecimal: the same text has the same one everywhere. */
function hash(text: string): string {
  let state = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text))
    state = BigInt.asUintN(64, (state ^ BigInt(byte)) * 0x100000001b3n);
  return state.toString(16).padStart(16, "0");
}
