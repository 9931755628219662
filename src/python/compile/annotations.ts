/** Annotations: values where they can be evaluated, otherwise their text, as forward references are. */
import type { Expression } from "../../syntax/ast.ts";
import type { Evaluate, Frame } from "../code.ts";
import type { Value } from "../values.ts";

/** An annotation's value. Names that exist only for type checkers must not raise: then it is its text. */
export function annotationValue(f: Frame, run: Evaluate, node: Expression): Value {
  const { at } = f;
  try {
    return run(f);
  } catch {
    f.at = at;
    return annotationText(node);
  }
}

/** What was written, as far as annotations go. */
export function annotationText(node: Expression): string {
  switch (node.kind) {
    case "Name":
      return node.id;
    case "Attribute":
      return `${annotationText(node.value)}.${node.attr}`;
    case "Subscript":
      return `${annotationText(node.value)}[${annotationText(node.slice)}]`;
    case "BinOp":
      return `${annotationText(node.left)} ${node.op} ${annotationText(node.right)}`;
    case "Tuple":
      return node.elts.map(annotationText).join(", ");
    case "List":
      return `[${node.elts.map(annotationText).join(", ")}]`;
    case "Str":
      return node.value;
    case "Int":
      return String(node.value);
    case "Singleton":
      return { null: "None", true: "True", false: "False", "...": "..." }[String(node.value)] as string;
    default:
      return "...";
  }
}
