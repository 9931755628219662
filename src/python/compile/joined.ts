/** Strings with expressions in them. */
import type { JoinedStr } from "../../syntax/ast.ts";
import type { Evaluate, Frame } from "../code.ts";
import { format, repr, str } from "../text.ts";
import { compileExpression } from "./expressions.ts";
import type { Scope } from "./scope.ts";

export function compileJoined(node: JoinedStr, scope: Scope): Evaluate {
  const parts = node.values.map((part) => {
    if (typeof part === "string") return () => part;
    const value = compileExpression(part.value, scope);
    const spec = part.format ? compileJoined(part.format, scope) : () => "";
    const { conversion, debug } = part;
    return (f: Frame) => {
      const result = value(f);
      const text =
        conversion === "r" || conversion === "a" || (debug && conversion === "" && !part.format)
          ? repr(f.py, result)
          : conversion === "s"
            ? str(f.py, result)
            : result;
      return (debug && `${debug}=`) + format(f.py, text, spec(f) as string);
    };
  });
  return (f) => {
    let text = "";
    for (const part of parts) text += part(f);
    f.py.budget.allocate(text.length);
    return text;
  };
}
