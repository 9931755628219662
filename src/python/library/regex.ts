/** Python's regular expressions as JavaScript's. */

/** The pattern and the flag letters that JavaScript takes for a Python pattern with these flag bits. */
export function translatePattern(pattern: string, bits: number): { text: string; flags: string } {
  let source = pattern;
  let all = bits;
  const inline = /^\(\?([aiLmsux]+)\)/.exec(source);
  if (inline) {
    source = source.slice(inline[0].length);
    for (const letter of inline[1] as string) all |= { i: 2, m: 8, s: 16, x: 64 }[letter] ?? 0;
  }
  if (all & 64) source = withoutSpace(source);
  const letters = `${all & 2 ? "i" : ""}${all & 8 ? "m" : ""}${all & 16 ? "s" : ""}`;
  return { text: translated(source, Boolean(all & 8)), flags: letters };
}

function translated(source: string, multiline: boolean): string {
  let out = "";
  let inClass = false;
  for (let at = 0; at < source.length; at++) {
    const char = source.charAt(at);
    const rest = source.slice(at);
    if (char === "\\") {
      const next = source.charAt(at + 1);
      if (!inClass && next === "Z") out += "(?![^])";
      else if (!inClass && next === "A") out += "(?<![^])";
      else out += char + next;
      at++;
    } else if (inClass) {
      // A bracket in a class is itself in Python and in JavaScript without the v flag.
      if (char === "]") inClass = false;
      out += char;
    } else if (char === "[") {
      inClass = true;
      const first = /^\[\^?\]/.exec(rest)?.[0];
      out += first ? `${first.slice(0, -1)}\\]` : char;
      at += first ? first.length - 1 : 0;
    } else if (rest.startsWith("(?P<")) {
      out += "(?<";
      at += 3;
    } else if (rest.startsWith("(?P=")) {
      const name = /^\(\?P=(\w+)\)/.exec(rest);
      out += `\\k<${name?.[1] ?? ""}>`;
      at += (name?.[0].length ?? 1) - 1;
    } else if (rest.startsWith("(?#")) {
      at += Math.max(rest.indexOf(")"), 0);
    } else if (char === "$" && !multiline) out += "(?=\\n?(?![^]))";
    else if (/^(?:[*+?]|\{\d*,?\d*\})\+/.test(rest)) {
      // Possessive quantifiers match what greedy ones do wherever both match.
      const quantifier = /^(?:[*+?]|\{\d*,?\d*\})/.exec(rest)?.[0] ?? "";
      out += quantifier;
      at += quantifier.length;
    } else out += char;
  }
  return out;
}

/** A verbose pattern without its white space and comments. */
function withoutSpace(source: string): string {
  return source.replace(/\\[^]|\[(?:\\[^]|[^\]\\])*\]|\s+|#[^\n]*/g, (part) => (/^(\s|#)/.test(part) ? "" : part));
}

/** A replacement with `\1`, `\g<name>` and escapes filled in. */
export function expandReplacement(template: string, match: RegExpExecArray): string {
  return template.replace(
    /\\(?:g<(\w+)>|(\d{1,2})|([^]))/g,
    (_, name: string | undefined, number: string | undefined, char: string | undefined) => {
      const which = name ?? number;
      if (which !== undefined) return (/^\d+$/.test(which) ? match[Number(which)] : match.groups?.[which]) ?? "";
      return { n: "\n", t: "\t", r: "\r", "\\": "\\" }[char as string] ?? `\\${char}`;
    },
  );
}
