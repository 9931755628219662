/** Functions and classes from tree-sitter's nodes. */
import type { ClassMember, ClassNode, FunctionNode, Statement } from "./ast.ts";
import { expression } from "./expressions.ts";
import { child, field, has, parts, type ScriptNode } from "./nodes.ts";
import { keyOf, parameters } from "./patterns.ts";
import { statements } from "./statements.ts";

export function functionNode(node: ScriptNode, text: string): FunctionNode {
  const name = field(node, "name");
  const body = field(node, "body");
  return {
    kind: "Function",
    name: name && text.slice(name.start, name.end),
    ...parameters(field(node, "parameters") ?? field(node, "parameter"), text),
    body: !body ? [] : body.type === "statement_block" ? statements(body, text) : expression(body, text),
    arrow: node.type === "arrow_function",
    generator: node.type.startsWith("generator_function") || has(node, "*"),
    isAsync: has(node, "async"),
    start: node.start,
    end: node.end,
  };
}

export function classNode(node: ScriptNode, text: string): ClassNode {
  const name = field(node, "name");
  const body = field(node, "body");
  return {
    kind: "Class",
    name: name && text.slice(name.start, name.end),
    nameAt: name ?? { start: node.start, end: Math.min(node.end, node.start + "class".length) },
    heritage: heritage(child(node, "class_heritage"), text),
    members: body ? parts(body).flatMap((part) => classMember(part, text)) : [],
    start: node.start,
    end: node.end,
  };
}

function heritage(node: ScriptNode | undefined, text: string): ClassNode["heritage"] {
  if (!node) return undefined;
  const clause = child(node, "extends_clause");
  const value = clause
    ? (field(clause, "value") ?? parts(clause)[1])
    : parts(node).find(({ type }) => type !== "extends");
  return value && expression(value, text);
}

function classMember(node: ScriptNode, text: string): ClassMember[] {
  const { start, end } = node;
  const isStatic = has(node, "static") || node.type === "class_static_block";
  switch (node.type) {
    case "method_definition": {
      const name = field(node, "name");
      if (!name) return [];
      const kind = has(node, "get") ? "get" : has(node, "set") ? "set" : "method";
      return [{ kind, isStatic, key: keyOf(name, text), value: functionNode(node, text), start, end }];
    }
    case "field_definition":
    case "public_field_definition": {
      const name = field(node, "property") ?? field(node, "name");
      const value = field(node, "value");
      if (!name || has(node, "declare") || has(node, "abstract")) return [];
      return [{ kind: "field", isStatic, key: keyOf(name, text), value: value && expression(value, text), start, end }];
    }
    case "class_static_block": {
      const body = field(node, "body") ?? child(node, "statement_block");
      if (!body) return [];
      const value: FunctionNode = {
        kind: "Function",
        name: undefined,
        params: [],
        fields: [],
        body: statements(body, text) as readonly Statement[],
        arrow: false,
        generator: false,
        isAsync: false,
        start,
        end,
      };
      return [{ kind: "block", isStatic, key: "", value, start, end }];
    }
    default:
      return [];
  }
}
