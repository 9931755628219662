import type { LogicalLine } from "./lines.ts";
import { placeholder } from "./placeholder.ts";
import type { Parse } from "./recovery.ts";

/** A logical line that parses, and what was wrong with the one written; "" where nothing was. */
export interface Repair {
  code: string;
  message: string;
}

const unclear = "cannot be parsed";
const unfinished = "unfinished statement";
const brokenLine: Repair = { code: placeholder, message: unclear };

/** The nearest line to this one, which does not parse, that does. */
export function repaired(code: string, missing: string, parse: Parse): Repair {
  for (const known of unknownToGrammar(code)) if (parse(around(known))) return { code: known, message: "" };
  if (code.length > longest) return brokenLine;
  for (const candidate of candidates(code, missing)) if (parse(around(candidate.code))) return candidate;
  return brokenLine;
}

/** Lines longer than this are not mended: they are tables of numbers, or not Python at all. */
const longest = 5000;

/** What Python allows and the grammar does not, in other words. */
function* unknownToGrammar(code: string): Generator<string> {
  // A star before anything but a name, as in `a, *[b]`, is known in brackets only.
  if (/\*[[({"']/.test(code)) yield `${code.replace(/^(return|yield|[^=(]*=)\s/, "$1(")})`;
  // `{x:=^9}` in an f-string is read as an assignment.
  if (/[fF]["']/.test(code)) yield code.replace(/\{[^{}]*:=[^{}]*\}/g, `{${placeholder}}`);
}

/** How many lines are tried in one go. */
const together = 64;

/**
 * Which of these lines parse, each as a statement or as a header without its block. Most lines of a damaged part do, so
 * they are tried together, and halved where that fails. After `most` that do not, the rest is left out.
 */
export function sound(text: string, lines: LogicalLine[], most: number, parse: Parse): boolean[] {
  const codes = lines.map((line) => text.slice(line.start, line.end));
  const found: boolean[] = [];
  let failures = 0;
  const fits = (from: number, to: number): boolean => {
    const among = lines.slice(from, to);
    if (among.some((line) => line.missing) || codes.slice(from, to).some((code) => code.endsWith("\\"))) return false;
    return parse(codes.slice(from, to).map(around).join("")) !== undefined;
  };
  const check = (from: number, to: number): void => {
    if (from === to || failures >= most) return;
    if (fits(from, to)) while (found.length < to) found.push(true);
    else if (to - from === 1) {
      found.push(false);
      failures++;
    } else {
      const middle = (from + to) >> 1;
      check(from, middle);
      check(middle, to);
    }
  };
  for (let from = 0; from < lines.length; from += together) check(from, Math.min(from + together, lines.length));
  return found;
}

/** What a clause needs before it, and a decorator after it. */
function around(code: string): string {
  if (/^(?:elif|else)\b/.test(code)) return `if x:\n pass\n${code}\n`;
  if (/^(?:except|finally)\b/.test(code)) return `try:\n pass\n${code}\n`;
  if (caseClause.test(code)) return `match x:\n ${code}\n`;
  if (code.startsWith("@")) return `${code}\ndef f(): pass\n`;
  return `${ended(code)}\n`;
}

/** After a comma tree-sitter may take the next line for the rest of a list of targets, unless a semicolon ends this one. */
export function ended(code: string): string {
  return code.endsWith(",") ? `${code};` : code;
}

const caseClause = /^case\s+[^=\s].*:/s;
const header = /^(?:async\s+)?(?:class|def|if|elif|else|for|while|with|try|except|finally|match|case)\b/;

/** What may have been meant, the nearest first. */
function* candidates(code: string, missing: string): Generator<Repair> {
  const gap = code.endsWith(".") ? "" : " ";
  const opens = header.test(code);
  const closed = missing ? `missing ${missing}` : "missing :";
  const bare = code.replace(/(?:[\s,\\]|\bas)+$/, "");
  const filled = [`${code}${gap}${placeholder}${missing}`, `${code}${gap}${placeholder} else ${placeholder}${missing}`];
  // With its bracket closed, `case [1, :` would be a subscript of something named `case`.
  if (caseClause.test(code)) yield { code: `case _ if ${placeholder}:`, message: unclear };
  if (missing) yield { code: code + missing, message: closed };
  if (opens) {
    yield { code: `${code}${missing}:`, message: closed };
    if (/^(?:async\s+)?def\s+\w+$/.test(code)) yield { code: `${code}():`, message: "missing parameters" };
  }
  if (bare !== code) yield { code: bare + missing + (opens ? ":" : ""), message: unfinished };
  if (!/^(?:import|from|global|nonlocal|del)\b/.test(code)) {
    for (const candidate of filled) {
      yield { code: candidate, message: unfinished };
      if (opens) yield { code: `${candidate}:`, message: unfinished };
    }
  }
  if (opens) yield* headers(code);
  else yield* simple(code);
}

/** A header of which only the first words are understood. */
function* headers(code: string): Generator<Repair> {
  const name = /^(?:async\s+)?(?:class|def)\s+(\w+)/.exec(code);
  if (name && code.startsWith("class")) yield { code: `class ${name[1]}(${placeholder}):`, message: unclear };
  else if (name) {
    const names = [...code.slice(name[0].length).matchAll(/[(,]\s*(\*{0,2}[A-Za-z_]\w*)/g)].map((match) => match[1]);
    yield { code: `${name[0]}(${[...new Set(names)].join(", ")}):`, message: unclear };
    yield { code: `${name[0]}(*args, **kwargs):`, message: unclear };
  }
  const loop = /^((?:async\s+)?for\s+[\w\s,()]+?\s+in)\b/.exec(code);
  if (loop) yield { code: `${loop[1]} ${placeholder}:`, message: unclear };
  const word = /^(?:async\s+)?(\w+)/.exec(code)?.[1] ?? "";
  if (word === "else" || word === "try" || word === "finally" || word === "except")
    yield { code: `${word}:`, message: unclear };
  if (word === "while" || word === "with" || word === "elif")
    yield { code: `${word} ${placeholder}:`, message: unclear };
  // What stands below may happen, or may not.
  if (code.endsWith(":")) yield { code: `if ${placeholder}:`, message: unclear };
}

/** A simple statement whose value is not understood still says what it binds, or that it returns. */
function* simple(code: string): Generator<Repair> {
  const bound = /^([A-Za-z_][\w.,\s*()[\]]*?)\s*(?::[^=\n]*)?=(?![=])/.exec(code);
  if (bound) yield { code: `${bound[1]} = ${placeholder}`, message: unclear };
  const word = /^(?:return|raise|yield|assert)\b/.exec(code);
  if (word) yield { code: `${word[0]} ${placeholder}`, message: unclear };
  if (code.startsWith("@")) yield { code: `@${placeholder}`, message: unclear };
}
