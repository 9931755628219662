/** One rank's figures as text, Markdown and JSON. */
import { Unknown } from "../../base/unknown.ts";
import type { ModelReport } from "../../cost/report.ts";
import { type RankRow, rankTables } from "../../surfaces/ranks.ts";
import type { View } from "../../surfaces/view.ts";
import { type Paint, wrapped } from "./printing.ts";

const columns = 80;

/** "" where one device does all the work. */
export function ranksText(model: ModelReport, view: View, { bold, dim, yellow }: Paint): string {
  if (model.ranks instanceof Unknown) return dim(wrapped(`not known: ${model.ranks.reason}`, columns, "one rank  "));
  const tables = rankTables(model, view);
  if (!tables) return "";
  const rows = [...tables.memory, ...tables.communication];
  const width = Math.max(...rows.map(({ value }) => value.length));
  const name = Math.min(30, Math.max(...tables.memory.map(({ label }) => label.length), 12));
  const line = ({ label, value, note }: RankRow, wide: number) =>
    `  ${label.padEnd(wide)}${bold(value.padStart(width + 1))}${note ? `  ${dim(note)}` : ""}`;
  // What is sent has long names: its notes stand on a line of their own.
  const sent = ({ label, value, note }: RankRow) =>
    `  ${label.padEnd(columns - 4 - width)}${bold(value.padStart(width + 1))}${note ? `\n${dim(wrapped(note, columns, "    "))}` : ""}`;
  return [
    bold(tables.title),
    ...tables.memory.map((row) => line(row, name)),
    ...(tables.communication.length > 0 ? [dim("  sent by it in a step")] : []),
    ...tables.communication.map(sent),
    ...tables.problems.map((problem) => `${yellow("warning")} ${wrapped(problem, columns - 8, "", "  ")}`),
    ...tables.remarks.map((remark) => dim(wrapped(remark, columns, "  ", "  "))),
  ].join("\n");
}

/** Sections of a Markdown page; none where one device does all the work. */
export function ranksMarkdown(model: ModelReport, view: View): string[] {
  const tables = rankTables(model, view);
  if (!tables) return [];
  const rows = [...tables.memory, ...tables.communication].map(
    ({ label, value, note }) => `| ${label} | ${value} | ${note} |`,
  );
  const notes = [
    ...tables.problems.map((problem) => `- **${problem}**`),
    ...tables.remarks.map((remark) => `- ${remark}`),
  ];
  return [
    `## ${tables.title[0]?.toUpperCase()}${tables.title.slice(1)}`,
    ["| | | |", "|---|--:|---|", ...rows].join("\n"),
    notes.join("\n"),
  ];
}

/** As plain values; null where it is not known, undefined where one device does all the work. */
export function ranksJson({ ranks }: ModelReport): object | null | undefined {
  return ranks instanceof Unknown ? null : ranks;
}
