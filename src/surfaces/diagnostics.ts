/** What stands in the Problems panel: findings of the file and of its models, each once. */
import type { FileReport, Finding } from "../cost/report.ts";

type Severity = Finding["severity"];

/** The findings with a place in the file, with the severities that its project or else the user chose. */
export function findings(
  report: FileReport,
  rules: Readonly<Record<string, Severity | "off">> = {},
): readonly Finding[] {
  const seen = new Set<string>();
  const all = [...report.problems, ...(report.findings ?? []), ...report.models.flatMap((model) => model.findings)];
  return all.flatMap((finding) => {
    const severity = report.rules?.[finding.rule] ?? rules[finding.rule] ?? finding.severity;
    const { line, column } = finding.at;
    const key = `${finding.rule}:${line}:${column}`;
    if (severity === "off" || finding.at.path !== report.path || seen.has(key)) return [];
    seen.add(key);
    return [{ ...finding, severity }];
  });
}

/** What is so, why it matters, at what price. */
export function findingText({ what, why, price }: Finding): string {
  return [what, why, price === "" ? "" : `Price: ${price}`].filter((sentence) => sentence !== "").join(" ");
}
