import { type LogicalLine, logicalLines } from "./lines.ts";
import { type Repair, repaired, sound } from "./repairs.ts";
import type { Lowered } from "./reuse.ts";
import { lineStarts, type Source, sourceOf, spanBetween } from "./source.ts";
import { structured } from "./structure.ts";
import { isIndented, keyOf, lowerStatement } from "./topLevel.ts";
import type { TreeNode } from "./tree.ts";

/** Gives the tree of a text that parses. */
export type Parse = (text: string) => TreeNode | undefined;

/** After this many lines that do not parse, further ones are not repaired: the text is hardly Python. */
const mostRepairs = 300;

/**
 * The statements of a text that does not parse as a whole.
 *
 * tree-sitter's own recovery loses whole classes to one open bracket. So the text is cut at the lines that begin at the
 * left margin; each part that parses is as good as ever, and in each that does not, the lines that do not parse are
 * replaced by the nearest ones that do, with a problem for each.
 */
export function recovered(text: string, parse: Parse): Lowered[] {
  const found: Lowered[] = [];
  const starts = lineStarts(text);
  let repairsLeft = mostRepairs;
  const cut = parts(text, logicalLines(text, true).lines);
  for (const lines of cut) {
    const first = lines[0] as LogicalLine;
    const last = lines[lines.length - 1] as LogicalLine;
    const origin = starts[first.line] as number;
    const written = text.slice(origin, repairsLeft > 0 ? last.end : text.length);
    const source = sourceOf(written);
    const tree = repairsLeft > 0 && cut.length > 1 ? parse(written) : undefined;
    let lowered: Lowered[];
    if (repairsLeft <= 0) lowered = [brokenPart(source)];
    else if (tree && !tree.children.some((child) => isIndented(source, child.start))) lowered = lowerAll(source, tree);
    else {
      const own = lines.map((line) => relative(line, origin, first.line));
      const good = sound(written, own, repairsLeft, parse);
      lowered = lowerRepaired(source, own, good, parse);
      const key = `\0${Math.min(repairsLeft, lines.length)}\0${written}`;
      lowered.forEach((part, index) => {
        part.key = `${index}${key}`;
      });
      repairsLeft -= good.filter((each) => !each).length;
    }
    for (const part of lowered) found.push({ ...part, firstLine: part.firstLine + first.line });
    if (written.length === text.length - origin) break;
  }
  return found;
}

/** Words that belong to the statement above although they begin at the margin. */
const clause = /^(?:elif|else|except|finally)\b/;

/** The lines of each top-level statement. */
function parts(text: string, lines: LogicalLine[]): LogicalLine[][] {
  const found: LogicalLine[][] = [];
  let decorated = false;
  for (const line of lines) {
    const begins = line.width === 0 && !decorated && !clause.test(text.slice(line.start, line.start + 8));
    if (begins || found.length === 0) found.push([]);
    (found[found.length - 1] as LogicalLine[]).push(line);
    decorated = line.width === 0 && text[line.start] === "@";
  }
  return found;
}

function relative(line: LogicalLine, origin: number, firstLine: number): LogicalLine {
  return { ...line, start: line.start - origin, end: line.end - origin, line: line.line - firstLine };
}

function lowerAll(source: Source, tree: TreeNode): Lowered[] {
  const statements = tree.children.filter((child) => child.type !== ";");
  return statements.map((child) => lowerStatement(source, child, keyOf(source, child.start, child.end)));
}

function lowerRepaired(original: Source, lines: LogicalLine[], good: boolean[], parse: Parse): Lowered[] {
  const written = original.text;
  const repairs = good.map((sound, index): Repair => {
    const { start, end, missing } = lines[index] as LogicalLine;
    const code = written.slice(start, end);
    return sound ? { code, message: "" } : repaired(code, missing, parse);
  });
  const { text, shifts, problems } = structured(written, lines.slice(0, good.length), repairs);
  const starts = lineStarts(text);
  const source: Source = {
    ...sourceOf(text),
    origins: starts.map((start, row) => start - (shifts[row] as number)),
    lengths: written.split("\n").map((row) => row.length),
  };
  const tree = parse(text);
  const found = tree && tree.children.length > 0 ? lowerAll(source, tree) : [brokenPart(original)];
  const rest = lines[good.length];
  if (rest) problems.push({ message: "cannot be parsed", start: rest.start, end: written.length });
  for (const { message, start, end } of problems) {
    const span = spanBetween(original, start, end);
    const owner = found.findLast((lowered) => lowered.firstLine <= span.line) ?? (found[0] as Lowered);
    const line = span.line - owner.firstLine;
    owner.problems.push({ message, span: { ...span, line, endLine: span.endLine - owner.firstLine } });
  }
  return found;
}

/** A text of which nothing is understood. */
function brokenPart(source: Source): Lowered {
  const span = spanBetween(source, 0, source.text.trimEnd().length);
  const problems = [{ message: "cannot be parsed", span }];
  return { key: `\0${source.text}`, node: { kind: "BrokenStatement", ...span }, firstLine: 0, problems };
}
