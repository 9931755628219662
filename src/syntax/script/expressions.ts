/** Expressions from tree-sitter's nodes. */
import type { CallNode, Expression, FunctionNode, Property } from "./ast.ts";
import { classNode, functionNode } from "./functions.ts";
import { escaped, numberOf, stringOf } from "./literals.ts";
import { child, field, has, parts, type ScriptNode } from "./nodes.ts";
import { elements, keyOf, pattern } from "./patterns.ts";

export function expression(node: ScriptNode, text: string): Expression {
  const { start, end } = node;
  const own = () => text.slice(start, end);
  switch (node.type) {
    case "number":
      return { kind: "Literal", value: numberOf(own()), start, end };
    case "string":
      return { kind: "Literal", value: stringOf(node, text), start, end };
    case "true":
    case "false":
      return { kind: "Literal", value: node.type === "true", start, end };
    case "null":
      return { kind: "Literal", value: null, start, end };
    case "undefined":
      return { kind: "Literal", value: undefined, start, end };
    case "template_string":
      return template(node, text);
    case "identifier":
    case "shorthand_property_identifier":
    case "property_identifier":
    case "import":
      return { kind: "Name", name: own(), start, end };
    case "this":
      return { kind: "This", start, end };
    case "super":
      return { kind: "Super", start, end };
    case "array":
      return { kind: "Array", items: elements(node).map((item) => item && expression(item, text)), start, end };
    case "object":
      return { kind: "Object", members: parts(node).flatMap((part) => property(part, text)), start, end };
    case "function_expression":
    case "function":
    case "arrow_function":
    case "generator_function":
      return functionNode(node, text);
    case "class":
      return classNode(node, text);
    case "parenthesized_expression":
    case "as_expression":
    case "satisfies_expression":
    case "non_null_expression":
    case "instantiation_expression":
      return inner(node, parts(node)[0], text);
    case "type_assertion":
      return inner(node, parts(node).at(-1), text);
    case "member_expression":
    case "subscript_expression":
      return member(node, text);
    case "call_expression":
    case "new_expression":
      return call(node, text);
    default:
      return operation(node, text);
  }
}

function operation(node: ScriptNode, text: string): Expression {
  const { start, end } = node;
  const of = (name: string) => {
    const found = field(node, name);
    return found ? expression(found, text) : broken(node, text);
  };
  const operator = () => {
    const found = field(node, "operator");
    return found ? text.slice(found.start, found.end) : "";
  };
  switch (node.type) {
    case "unary_expression":
      return { kind: "Unary", operator: operator(), operand: of("argument"), start, end };
    case "update_expression": {
      const mark = operator() === "--" ? "--" : "++";
      const prefix = (field(node, "operator")?.start ?? end) === start;
      return { kind: "Update", operator: mark, prefix, target: of("argument"), start, end };
    }
    case "binary_expression":
      return { kind: "Binary", operator: operator(), left: of("left"), right: of("right"), start, end };
    case "assignment_expression":
    case "augmented_assignment_expression": {
      const target = field(node, "left");
      if (!target) return broken(node, text);
      const mark = node.type === "assignment_expression" ? "=" : operator();
      return { kind: "Assign", operator: mark, target: pattern(target, text), value: of("right"), start, end };
    }
    case "ternary_expression":
      return {
        kind: "Conditional",
        test: of("condition"),
        whenTrue: of("consequence"),
        otherwise: of("alternative"),
        start,
        end,
      };
    case "sequence_expression":
      return { kind: "Sequence", parts: parts(node).map((part) => expression(part, text)), start, end };
    case "await_expression":
      return { kind: "Await", value: inner(node, parts(node).at(-1), text), start, end };
    case "yield_expression": {
      const value = parts(node).find(({ type }) => type !== "yield");
      return { kind: "Yield", value: value && expression(value, text), each: has(node, "*"), start, end };
    }
    case "spread_element":
      return { kind: "Spread", value: inner(node, parts(node)[0], text), start, end };
    default:
      return broken(node, text);
  }
}

function inner(node: ScriptNode, part: ScriptNode | undefined, text: string): Expression {
  return part ? expression(part, text) : broken(node, text);
}

/** What is not understood: its parts that may hold values are still looked at. */
export function broken(node: ScriptNode, text: string): Expression {
  const what = text.slice(node.start, node.end).split("\n")[0]?.slice(0, 40) ?? "";
  return { kind: "Broken", what, parts: [], start: node.start, end: node.end };
}

function template(node: ScriptNode, text: string): Expression {
  const texts: string[] = [""];
  const values: Expression[] = [];
  let last = node.start + 1;
  const add = (more: string) => texts.push((texts.pop() ?? "") + more);
  for (const part of node.children) {
    if (part.type !== "template_substitution" && part.type !== "escape_sequence") continue;
    add(text.slice(last, part.start));
    if (part.type === "escape_sequence") add(escaped(text.slice(part.start, part.end)));
    else {
      values.push(inner(part, parts(part)[0], text));
      texts.push("");
    }
    last = part.end;
  }
  add(text.slice(last, Math.max(last, node.end - 1)));
  return { kind: "Template", texts, values, start: node.start, end: node.end };
}

function property(node: ScriptNode, text: string): Property[] {
  const { start, end } = node;
  switch (node.type) {
    case "pair": {
      const [key, value] = [field(node, "key"), field(node, "value")];
      if (!key || !value) return [];
      return [{ kind: "value", key: keyOf(key, text), value: expression(value, text), start, end }];
    }
    case "shorthand_property_identifier": {
      const name = text.slice(start, end);
      return [{ kind: "value", key: name, value: { kind: "Name", name, start, end }, start, end }];
    }
    case "spread_element": {
      const [value] = parts(node);
      return value ? [{ kind: "spread", key: "", value: expression(value, text), start, end }] : [];
    }
    case "method_definition": {
      const name = field(node, "name");
      if (!name) return [];
      const kind = has(node, "get") ? "get" : has(node, "set") ? "set" : "value";
      return [{ kind, key: keyOf(name, text), value: functionNode(node, text), start, end }];
    }
    default:
      return [];
  }
}

function member(node: ScriptNode, text: string): Expression {
  const object = field(node, "object");
  const property = field(node, "property") ?? field(node, "index");
  if (!object || !property) return object ? expression(object, text) : broken(node, text);
  return {
    kind: "Member",
    object: expression(object, text),
    property: node.type === "member_expression" ? text.slice(property.start, property.end) : expression(property, text),
    optional: has(node, "optional_chain") || has(node, "?."),
    at: { start: property.start, end: property.end },
    start: node.start,
    end: node.end,
  };
}

function call(node: ScriptNode, text: string): Expression {
  const isNew = node.type === "new_expression";
  const callee = field(node, isNew ? "constructor" : "function");
  const given = field(node, "arguments") ?? child(node, "arguments");
  if (!callee) return broken(node, text);
  if (given?.type === "template_string") {
    const called: CallNode = {
      kind: "Call",
      callee: expression(callee, text),
      args: [expression(given, text)],
      optional: false,
      isNew: false,
      start: node.start,
      end: node.end,
    };
    return called;
  }
  return {
    kind: "Call",
    callee: expression(callee, text),
    args: given ? parts(given).flatMap((part) => (part.type === "ERROR" ? [] : [expression(part, text)])) : [],
    optional: has(node, "optional_chain") || has(node, "?."),
    isNew,
    start: node.start,
    end: node.end,
  };
}

export type { FunctionNode };
