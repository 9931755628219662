import type { Expression } from "./ast.ts";
import { type Source, spanOf, textOf } from "./source.ts";
import type { TreeNode } from "./tree.ts";

/** An integer, exact at any size; a float; or an imaginary number. */
export function number(source: Source, node: TreeNode): Expression {
  const span = spanOf(source, node);
  const text = textOf(source, node).replaceAll("_", "").toLowerCase();
  const imaginary = text.endsWith("j");
  if (imaginary) return { kind: "Imaginary", ...span, value: Number(text.slice(0, -1)) };
  if (node.type === "float") return { kind: "Float", ...span, value: Number(text) };
  const digits = pythonTwoDigits(text);
  const value = Number(digits);
  if (Number.isSafeInteger(value)) return { kind: "Int", ...span, value };
  return { kind: "BigInt", ...span, digits: BigInt(digits).toString() };
}

/** Python 2 wrote long integers as `10L` and octal ones as `0755`. */
function pythonTwoDigits(text: string): string {
  const digits = text.endsWith("l") ? text.slice(0, -1) : text;
  return /^0[0-7]*[1-7][0-7]*$/.test(digits) ? `0o${digits}` : digits;
}
