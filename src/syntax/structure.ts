import type { LogicalLine } from "./lines.ts";
import { placeholder } from "./placeholder.ts";
import { ended, type Repair } from "./repairs.ts";

/** What is wrong between two indices of the text as it was written. */
export interface TextProblem {
  message: string;
  start: number;
  end: number;
}

/** A text that parses, line for line the one written. */
export interface Structured {
  text: string;
  /** How many columns further to the right each line begins in the text as it was written. */
  shifts: number[];
  problems: TextProblem[];
}

/** The words that may stand before each of these at the same level. */
const follows: Record<string, string[]> = {
  elif: ["if", "elif"],
  else: ["if", "elif", "for", "while", "except"],
  except: ["try", "except"],
  finally: ["try", "except", "else of try"],
};

interface Level {
  width: number;
  /** The word of the last compound statement of this level, which decides what may follow. */
  word: string;
}

/**
 * Puts repaired lines together so that their blocks fit: a line that stands too far to the right, or between two levels,
 * goes with the block above it, and an `else` that belongs to nothing becomes an `if` that cannot be decided.
 */
export function structured(written: string, lines: LogicalLine[], repairs: Repair[]): Structured {
  const rows = written.split("\n").map(() => "");
  const shifts = rows.map(() => 0);
  const problems: TextProblem[] = [];
  const levels: Level[] = [{ width: 0, word: "" }];
  let opened = false;
  let misplaced = -1;
  lines.forEach((line, index) => {
    const repair = repairs[index] as Repair;
    const { start, end } = line;
    if (repair.message) problems.push({ message: repair.message, start, end });
    if (opened && line.width > top(levels).width) levels.push({ width: line.width, word: "" });
    else if (enterLevel(levels, line.width)) {
      // A run of lines at one wrong depth is one problem.
      if (line.width !== misplaced) problems.push({ message: "unexpected indentation", start, end });
      misplaced = line.width;
    } else misplaced = -1;
    const code = belonging(repair.code, top(levels), () =>
      problems.push({ message: "belongs to no statement", start, end }),
    );
    const next = repairs[index + 1];
    const lonely = code.startsWith("@") && !(next && /^(?:@|def\b|class\b|async\b)/.test(next.code));
    place(rows, line.line, lonely ? "" : " ".repeat(levels.length - 1) + ended(code));
    if (lonely && !repair.message) problems.push({ message: "decorates nothing", start, end });
    shifts[line.line] = line.column - (levels.length - 1);
    opened = code.endsWith(":");
  });
  return { text: rows.join("\n"), shifts, problems };
}

/** Goes to the level of a line that opens no block. True where it stands between two levels, of which the inner is taken. */
function enterLevel(levels: Level[], width: number): boolean {
  while (levels.length > 1 && width <= (levels[levels.length - 2] as Level).width) levels.pop();
  return width !== top(levels).width;
}

function belonging(code: string, level: Level, complain: () => void): string {
  const word = /^(?:async\s+)?([a-z]+)\b/.exec(code)?.[1] ?? "";
  const before = follows[word];
  if (before && !before.includes(level.word)) {
    complain();
    level.word = "if";
    if (word === "elif") return code.slice(2);
    return code.replace(/^[^:]*/, `if ${placeholder}`);
  }
  level.word = word === "else" && level.word === "except" ? "else of try" : word;
  return code;
}

function place(rows: string[], row: number, code: string): void {
  code.split("\n").forEach((piece, offset) => {
    if (row + offset < rows.length) rows[row + offset] = piece;
  });
}

function top(levels: Level[]): Level {
  return levels[levels.length - 1] as Level;
}
