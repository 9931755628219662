/** The text that a string literal's content stands for. `bytes` know no `\u`, `\U` and `\N`. */
export function unescaped(content: string, bytes: boolean): string {
  if (!content.includes("\\")) return content;
  return content.replace(bytes ? byteEscape : textEscape, (sequence: string) => meaning(sequence));
}

const byteEscape = /\\(?:x[0-9a-fA-F]{2}|[0-7]{1,3}|\n|[\\'"abfnrtv])/g;
const textEscape = /\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|N\{[^}]*\}|[0-7]{1,3}|\n|[\\'"abfnrtv])/g;

const letters: Record<string, string> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\n": "",
};

function meaning(sequence: string): string {
  const first = sequence[1] as string;
  if (first === "x" || first === "u" || first === "U") return character(Number.parseInt(sequence.slice(2), 16));
  // Names of characters would need the whole Unicode table; no model's cost depends on one.
  if (first === "N") return "\ufffd";
  if (first >= "0" && first <= "7") return character(Number.parseInt(sequence.slice(1), 8));
  return letters[first] ?? first;
}

function character(code: number): string {
  return code <= 0x10ffff ? String.fromCodePoint(code) : "\ufffd";
}
