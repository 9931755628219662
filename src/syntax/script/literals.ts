/** Numbers and texts as they are written. */
import type { ScriptNode } from "./nodes.ts";

/** The value of a number; one with `n` behind it as the same number. */
export function numberOf(text: string): number {
  const plain = text.replaceAll("_", "").replace(/n$/, "");
  return /^0[0-7]+$/.test(plain) ? Number.parseInt(plain, 8) : Number(plain);
}

/** What is between the quotes. */
export function stringOf(node: ScriptNode, text: string): string {
  return node.children
    .map((part) => {
      const own = text.slice(part.start, part.end);
      if (part.type === "escape_sequence") return escaped(own);
      return part.type === '"' || part.type === "'" || part.type === "`" ? "" : own;
    })
    .join("");
}

const simple: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", b: "\b", f: "\f", v: "\v", 0: "\0" };

export function escaped(sequence: string): string {
  const [, mark = ""] = sequence;
  if (mark === "u" || mark === "x") {
    const code = Number.parseInt(sequence.slice(2).replaceAll(/[{}]/g, ""), 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : "";
  }
  if (mark === "\n" || mark === "\r") return "";
  return simple[mark] ?? sequence.slice(1);
}
