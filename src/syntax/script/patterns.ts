/** What values are put into. */
import type { Expression, FunctionNode, Pattern } from "./ast.ts";
import { expression } from "./expressions.ts";
import { stringOf } from "./literals.ts";
import { field, has, parts, type ScriptNode } from "./nodes.ts";

export function pattern(node: ScriptNode, text: string): Pattern {
  const { start, end } = node;
  switch (node.type) {
    case "identifier":
    case "shorthand_property_identifier_pattern":
    case "shorthand_property_identifier":
      return { kind: "Name", name: text.slice(start, end), start, end };
    case "array_pattern":
    case "array":
      return { kind: "ArrayPattern", items: elements(node).map((item) => item && pattern(item, text)), start, end };
    case "object_pattern":
    case "object":
      return objectPattern(node, text);
    case "assignment_pattern":
    case "object_assignment_pattern":
    case "assignment_expression": {
      const [target, value] = [field(node, "left"), field(node, "right")];
      if (!target || !value) break;
      return { kind: "Default", target: pattern(target, text), value: expression(value, text), start, end };
    }
    case "rest_pattern":
    case "spread_element": {
      const [target] = parts(node);
      if (target) return { kind: "Rest", target: pattern(target, text), start, end };
      break;
    }
    case "required_parameter":
    case "optional_parameter": {
      const target = field(node, "pattern") ?? parts(node)[0];
      const value = field(node, "value");
      if (!target) break;
      const own = pattern(target, text);
      return value ? { kind: "Default", target: own, value: expression(value, text), start, end } : own;
    }
  }
  return { kind: "Target", target: expression(node, text), start, end };
}

/** The elements of an array, holes included. */
export function elements(node: ScriptNode): (ScriptNode | undefined)[] {
  const found: (ScriptNode | undefined)[] = [];
  let waiting = true;
  for (const one of node.children) {
    if (one.type === ",") {
      if (waiting) found.push(undefined);
      waiting = true;
    } else if (one.type !== "[" && one.type !== "]" && one.type !== "ERROR") {
      found.push(one);
      waiting = false;
    }
  }
  return found;
}

function objectPattern(node: ScriptNode, text: string): Pattern {
  const members: { key: string | Expression; value: Pattern }[] = [];
  let rest: Pattern | undefined;
  for (const part of parts(node)) {
    if (part.type === "rest_pattern" || part.type === "spread_element") {
      const own = pattern(part, text);
      if (own.kind === "Rest") rest = own.target;
    } else if (part.type === "pair_pattern" || part.type === "pair") {
      const [key, value] = [field(part, "key"), field(part, "value")];
      if (key && value) members.push({ key: keyOf(key, text), value: pattern(value, text) });
    } else {
      const own = pattern(part, text);
      const name = own.kind === "Default" ? own.target : own;
      if (name.kind === "Name") members.push({ key: name.name, value: own });
    }
  }
  return { kind: "ObjectPattern", members, rest, start: node.start, end: node.end };
}

/** The name of a property: as written, or what is computed. */
export function keyOf(node: ScriptNode, text: string): string | Expression {
  if (node.type === "string") return stringOf(node, text);
  if (node.type === "computed_property_name") {
    const [inner] = parts(node);
    if (inner) return expression(inner, text);
  }
  const own = text.slice(node.start, node.end);
  return node.type === "number" ? String(Number(own)) : own;
}

/** The parameters of a function, and which of them a constructor keeps as fields. */
export function parameters(node: ScriptNode | undefined, text: string): Pick<FunctionNode, "params" | "fields"> {
  if (!node) return { params: [], fields: [] };
  if (node.type === "identifier") return { params: [pattern(node, text)], fields: [] };
  const listed = parts(node).filter(({ type }) => type !== "ERROR");
  const params = listed.filter((part) => field(part, "pattern")?.type !== "this").map((part) => pattern(part, text));
  const fields = listed
    .filter((part) => part.type === "required_parameter" && isField(part))
    .flatMap((part) => {
      const name = field(part, "pattern");
      return name?.type === "identifier" ? [text.slice(name.start, name.end)] : [];
    });
  return { params, fields };
}

function isField(node: ScriptNode): boolean {
  return has(node, "accessibility_modifier") || has(node, "readonly") || has(node, "override_modifier");
}
