/** A config's key given another value, in its text as it is written. */
import type { Fix } from "../../cost/report.ts";

type Plain = number | boolean | null | string;
export type ConfigValue = Plain | Readonly<Record<string, Plain>>;

/** The edit of one top-level key; the key is put in at the top where it is not there. Nothing where the text is no object. */
export function configKeyEdit(text: string, key: string, value: ConfigValue): Fix["edits"][number] | undefined {
  const lines = text.split("\n");
  const written = JSON.stringify(value);
  const given = new RegExp(`(^|[{,\\s])"${key}"\\s*:\\s*("(?:[^"\\\\]|\\\\.)*"|[-\\w.+]+)`);
  for (const [line, one] of lines.entries()) {
    const match = given.exec(one);
    if (!match?.[2]) continue;
    const endColumn = match.index + match[0].length;
    return { span: { line, column: endColumn - match[2].length, endLine: line, endColumn }, text: written };
  }
  const line = lines.findIndex((one) => one.trim() !== "");
  const column = lines[line]?.indexOf("{") ?? -1;
  if (column < 0) return undefined;
  const indent = /^\s*(?=")/.exec(lines[line + 1] ?? "")?.[0];
  const put = indent === undefined ? `"${key}": ${written}, ` : `\n${indent}"${key}": ${written},`;
  return { span: { line, column: column + 1, endLine: line, endColumn: column + 1 }, text: put };
}
