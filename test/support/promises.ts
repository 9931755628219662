export type Severity = "error" | "warning" | "information" | "hint";

/** What a comment says of its line. */
export interface Promised {
  /** Counted from 0 in the main file. */
  line: number;
  kind: "value" | Severity;
  /** The value as shown, or words that the finding's message holds. */
  text: string;
  rule?: string;
  /** Why the promise is wrong, where `# bug:` says that it is. */
  bug?: string;
}

/** What the program says of a line. */
export interface Found {
  line: number;
  severity: Severity;
  rule: string;
  message: string;
}

/** The promises in a source text: `#: value`, `# error: [rule] "words"` and its kin; `//` serves where `#` is no comment. */
export function promisesIn(text: string): Promised[] {
  return text.split("\n").flatMap((content, line) => {
    const [, ...comments] = content.split(/(?:#|\/\/)(?=:\s|\s*(?:error|warning|information|hint|bug):)/);
    const bug = comments
      .map((comment) => /^\s*bug:(.*)/.exec(comment)?.[1]?.trim())
      .find((words) => words !== undefined);
    return comments
      .flatMap((comment) => promise(comment.trim(), line))
      .map((made) => (bug === undefined ? made : { ...made, bug }));
  });
}

function promise(comment: string, line: number): Promised[] {
  if (comment.startsWith(":")) return [{ line, kind: "value", text: comment.slice(1).trim() }];
  const finding = /^(error|warning|information|hint):\s*(?:\[([^\]]+)\])?\s*(?:"(.*)")?\s*$/.exec(comment);
  if (!finding) {
    if (comment.startsWith("bug:")) return [];
    throw new Error(`line ${line + 1} of the source: "# ${comment}" is not of the form # error: [rule-id] "words"`);
  }
  const [, kind, rule, text] = finding;
  return [{ line, kind: kind as Severity, text: text ?? "", ...(rule !== undefined && { rule }) }];
}

/** One sentence for each promise that is not kept and each finding that was not promised; none when all is well. */
export function broken(
  promises: Promised[],
  values: Map<number, string[]>,
  findings: Found[],
): { line: number; text: string }[] {
  const faults: { line: number; text: string }[] = [];
  const left = [...findings];
  for (const promised of promises) {
    const fault = promised.kind === "value" ? wrongValue(promised, values) : missingFinding(promised, left);
    if (!fault) continue;
    const bug =
      promised.bug === undefined ? "" : ` (the bug "${promised.bug}" shows itself no more: change the promise)`;
    faults.push({ line: promised.line, text: fault + bug });
  }
  for (const { line, severity, rule, message } of left) {
    faults.push({ line, text: `not promised: # ${severity}: [${rule}] "${message}"` });
  }
  return faults.sort((a, b) => a.line - b.line);
}

function wrongValue({ line, text }: Promised, values: Map<number, string[]>): string | undefined {
  const shown = values.get(line) ?? [];
  if (shown.includes(text) || shown.join(", ") === text) return undefined;
  return `promised ${text}, found ${shown.length > 0 ? shown.join(", ") : "no value"}`;
}

/** Takes the finding that keeps the promise off the list. */
function missingFinding({ line, kind, rule, text }: Promised, findings: Found[]): string | undefined {
  const at = findings.findIndex(
    (found) =>
      found.line === line &&
      found.severity === kind &&
      (rule === undefined || found.rule === rule) &&
      found.message.includes(text),
  );
  if (at < 0) return `promised # ${kind}: ${rule === undefined ? "" : `[${rule}] `}"${text}", and it did not come`;
  findings.splice(at, 1);
  return undefined;
}
